import { type AuthorizationLeg, actionOf } from "../../authorization.js";
import type { Decision } from "../../policy/evaluation/evaluate.js";
import { parsePrincipal } from "../../principal.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import { type ParsedRefusal, parseCallError } from "../../refusal/parse.js";
import { NotApplicableError } from "../../resolve/lookup-failure.js";
import { identifies } from "../denied-leg.js";
import { modelIdOfReference } from "../diagnosed-call.js";
import { errorName } from "../failure-finding.js";
import type { DeniedLeg } from "../implied-policies.js";
import { isAboutPermissions, isOtherCaller } from "../question.js";
import { modelAccess } from "./model-access.js";
import { callerOfQuestion } from "./organization.js";
import type { LegEvidence, Source } from "./source.js";

export type ProbeFinding =
  | { code: "probe-denied"; kind: RefusalKind; resource?: string }
  | { code: "probe-passed"; errorName?: string }
  | { code: "probe-undecided"; errorName: string };

/** Why a probe isn't sent. */
export type ProbeUnavailable =
  | "no-caller"
  | "not-an-invocation"
  | "other-caller"
  | "may-start-subscription"
  | "probed-just-now";

/** The response to a request without content. */
export interface Probed {
  refusal?: ParsedRefusal;
  /** True if only the content was rejected. */
  passed: boolean;
}

/**
 * A request without content. If AWS rejects only its content, the source side is likely allowed. For its denials, see
 * {@link probeDenial}.
 */
export const probe: Source<"probe", ProbeFinding, Probed> = {
  name: "probe",
  after: [modelAccess],

  appliesTo: (question, ports) => ports.probe !== undefined && isAboutPermissions(question),

  async read({ question: { call, caller, isRecorded }, results, ports, signal }, report) {
    if (caller !== undefined) throw new NotApplicableError<ProbeUnavailable>("other-caller");
    if (isRecorded) throw new NotApplicableError<ProbeUnavailable>("no-caller");
    if (!actionOf(call.operation)?.startsWith("bedrock:InvokeModel")) {
      throw new NotApplicableError<ProbeUnavailable>("not-an-invocation");
    }
    // Without an agreement, the first invocation makes one (Amazon Bedrock User Guide, "Access Amazon Bedrock
    // foundation models").
    const maySubscribe =
      results.of(modelAccess)?.agreement !== "AVAILABLE" && !isAmazons(modelIdOfReference(call.reference));
    if (ports.probe === undefined || (maySubscribe && !ports.mayProbeSubscribe)) {
      throw new NotApplicableError<ProbeUnavailable>("may-start-subscription");
    }
    const { probed, finding } = probedBy(await ports.probe(call, signal));
    if (probed) report.result(probed);
    report.finding(finding);
  },

  verdictOn({ stage }, { results }) {
    const isSourceSide = stage === "profile" || stage === "source-model" || stage === "model";
    const isPassed = results.of(probe)?.passed === true && isSourceSide;
    return isPassed ? { verdict: "allowed", isConclusive: false } : undefined;
  },
};

/** The denial of a probe. It is as certain as the denial of the call, so it has a precedence of its own. */
export const probeDenial: Source<"probe"> = {
  name: "probe",

  verdictOn(leg, known) {
    const refusal = refusalOn(leg, known);
    return refusal && { verdict: "blocked", isConclusive: true, decidedBy: decisionOfDenial(refusal) };
  },
};

/** Returns the leg that a probe of this caller shows to be denied. */
export function legDeniedInProbe(known: LegEvidence): DeniedLeg | undefined {
  for (const leg of known.legs) {
    const refusal = refusalOn(leg, known);
    if (refusal) return { leg, refusal };
  }
  return undefined;
}

/** Returns the denial of the probe, if it is about this leg and this caller. */
function refusalOn(
  leg: AuthorizationLeg,
  { question, results }: Pick<LegEvidence, "question" | "results">,
): ParsedRefusal | undefined {
  const { refusal } = results.of(probe) ?? {};
  if (refusal === undefined || !identifies(refusal, leg)) return undefined;
  const caller = callerOfQuestion(question, results)?.principal;
  const denied = refusal.principal === undefined ? undefined : parsePrincipal(refusal.principal);
  return caller && isOtherCaller(caller, denied) ? undefined : refusal;
}

function decisionOfDenial({ policyType, denyKind, policyArn }: ParsedRefusal): Decision | undefined {
  if (policyType === undefined) return undefined;
  return { policyType, ...(denyKind ? { denyKind } : {}), ...(policyArn ? { policyArn } : {}) };
}

/** Whether Amazon sells the model. Amazon's own models don't need a subscription. */
const isAmazons = (modelId: string | undefined) => modelId?.startsWith("amazon.") === true;

/**
 * Interprets the response to a probe. A denial reliably shows that the call is denied. An allowed call shows only as an
 * error about the request's content.
 */
function probedBy(answer: unknown): { probed?: Probed; finding: ProbeFinding } {
  if (!(answer instanceof Error)) return { probed: { passed: true }, finding: { code: "probe-passed" } };
  const refusal = parseCallError(answer);
  if (refusal) {
    const { kind, resource } = refusal;
    return {
      probed: { refusal, passed: false },
      finding: { code: "probe-denied", kind, ...(resource ? { resource } : {}) },
    };
  }
  const named = { errorName: errorName(answer).errorName ?? "an error" };
  if (answer.name !== "ValidationException") return { finding: { code: "probe-undecided", ...named } };
  return { probed: { passed: true }, finding: { code: "probe-passed", ...named } };
}
