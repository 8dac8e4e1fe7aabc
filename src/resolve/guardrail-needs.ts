import { buildArn, parseArn, partitionOfRegion } from "../arn.js";
import { type AuthorizationLeg, type LegStage, UNKNOWN_ACCOUNT } from "../authorization.js";
import type { CallFacts, CallNeeds, CallPlace, GuardrailStatement, LeftOut } from "./call-facts.js";
import { isGuardrailArn, isGuardrailId } from "./guardrail-arn.js";

/**
 * Operations that enforced guardrails apply to (Amazon Bedrock User Guide, "Apply cross-account safeguards with Amazon
 * Bedrock Guardrails enforcements", which lists these four).
 */
const ENFORCED_ON: ReadonlySet<string> = new Set([
  "InvokeModel",
  "InvokeModelWithResponseStream",
  "Converse",
  "ConverseStream",
]);

/** The same page refers to "all model invocations", but doesn't list these two operations. */
const POSSIBLY_ENFORCED_ON: ReadonlySet<string> = new Set(["InvokeModelWithBidirectionalStream", "StartAsyncInvoke"]);

/** Returns true if enforced guardrails apply, or may apply, to an operation. */
export const areGuardrailsEnforcedOn = (operation: string): boolean =>
  ENFORCED_ON.has(operation) || POSSIBLY_ENFORCED_ON.has(operation);

interface GuardrailRequest extends GuardrailStatement {
  operation: string;
  facts: CallFacts;
}

/**
 * Returns the legs for `bedrock:ApplyGuardrail` on the guardrail that the request includes, and on the enforced
 * guardrails. A cross-Region guardrail also has a leg for its guardrail profile in each destination Region (Amazon
 * Bedrock User Guide, "Permissions for using cross-Region inference with Amazon Bedrock Guardrails").
 */
export function guardrailNeeds({ operation, facts, ...stated }: GuardrailRequest, place: CallPlace): CallNeeds {
  const sent = facts.guardrail && guardrailArnOf(facts.guardrail.identifier, place);
  const isUnreadable = facts.unread?.includes("guardrail") || (facts.guardrail !== undefined && sent === undefined);
  const { arns: enforced, leftOut } = enforcedOn(operation, stated, place);
  const guardrails = [...new Set([...(sent ? [sent] : []), ...enforced])];
  const profiles = guardrails.map((arn) => statedProfilesOf(arn, stated));
  const unknown: LeftOut[] = [
    ...(isUnreadable ? (["guardrail"] as const) : []),
    ...leftOut,
    ...(profiles.includes(undefined) || isUnreadable ? (["guardrail-profile"] as const) : []),
  ];
  const leg = (stage: LegStage, resource: string, region: string): AuthorizationLeg => ({
    stage,
    action: "bedrock:ApplyGuardrail",
    resource,
    region,
  });
  const legs = [
    ...guardrails.map((arn) => leg("guardrail", arn, place.sourceRegion)),
    ...profiles.flatMap((arns) => arns ?? []).map((arn) => leg("guardrail-profile", arn, parseArn(arn)?.region ?? "")),
  ];
  return { legs, leftOut: unknown };
}

/** Returns the ARN of the guardrail that a request identifies. The guardrail must be in the source Region. */
export function guardrailArnOf(
  identifier: string,
  { sourceRegion, accountId = UNKNOWN_ACCOUNT }: { sourceRegion: string; accountId?: string | undefined },
): string | undefined {
  if (isGuardrailId(identifier)) {
    const resource = `guardrail/${identifier}`;
    const partition = partitionOfRegion(sourceRegion);
    return buildArn({ partition, service: "bedrock", region: sourceRegion, accountId, resource });
  }
  return isGuardrailArn(identifier) && parseArn(identifier)?.region === sourceRegion ? identifier : undefined;
}

/**
 * Returns the guardrails that are enforced in the source Region. Enforcement is configured separately in each Region.
 */
function enforcedOn(
  operation: string,
  { enforcedGuardrails }: GuardrailStatement,
  { sourceRegion }: CallPlace,
): { arns: string[]; leftOut: LeftOut[] } {
  if (!areGuardrailsEnforcedOn(operation)) return { arns: [], leftOut: [] };
  if (enforcedGuardrails === undefined) return { arns: [], leftOut: ["enforced-guardrails"] };
  const here = enforcedGuardrails.filter((arn) => parseArn(arn)?.region === sourceRegion);
  if (ENFORCED_ON.has(operation)) return { arns: here, leftOut: [] };
  return { arns: [], leftOut: here.length > 0 ? ["enforced-guardrails"] : [] };
}

/** Returns what the application states about a guardrail's profile, or undefined if it states nothing. */
function statedProfilesOf(arn: string, { guardrailProfiles = {} }: GuardrailStatement): readonly string[] | undefined {
  const id = arn.slice(arn.lastIndexOf("/") + 1);
  for (const key of [arn, id]) if (Object.hasOwn(guardrailProfiles, key)) return guardrailProfiles[key];
  return undefined;
}
