import { parseArn } from "../arn.js";
import { type AuthorizationLeg, actionOf } from "../authorization.js";
import type { EvidenceSource, Finding, NotApplicable } from "../diagnosis.js";
import { hangsOnRolePath, withServiceControl } from "../policy/evaluation/policy-set.js";
import { isIdentityCenterRole, isWhole, parsePrincipal } from "../principal.js";
import { parseCallError } from "../refusal/parse.js";
import { onDemandAvailability } from "../resolve/foundation-models.js";
import { NotApplicableError, NotInstalledError, NotLoadedError } from "../resolve/lookup-failure.js";
import type { ModelReference } from "../resolve/model-id.js";
import { destinationRegions } from "../resolve/profile-source.js";
import type { ProfileLookup } from "../resolve/resolve.js";
import { DeadlineError } from "../resolve/waiting.js";
import { findAlternatives } from "./alternatives.js";
import { authorizationsOf } from "./call-legs.js";
import { errorName, failureFinding } from "./failure-finding.js";
import type { CallerIdentity, Gathered, Probed, Question } from "./gathered.js";
import { modelIdIn, type PlannedRead } from "./plan.js";
import type { DiagnosisPorts, Role } from "./ports.js";
import { promptFinding } from "./prompt.js";
import { type SimulatedLeg, simulationRequests } from "./simulation.js";

/** The input of a reader: the question, and the results of earlier reads. */
interface Asked extends Question {
  ports: DiagnosisPorts;
  signal: AbortSignal;
  gathered: Readonly<Gathered>;
}

/** Adds a read's result to the gathered results. It isn't called after the diagnosis has ended. */
type Bring = (gathered: Gathered, record: Recorder) => void;
/** @param source the source of the finding. By default, the read's own */
export type Recorder = (finding: Finding, source?: EvidenceSource) => void;
export type Reader = (asked: Asked, tell: (bring: Bring) => void) => Promise<void>;

/** The source of each read. */
export const SOURCE: Record<PlannedRead, EvidenceSource> = {
  profile: "profile",
  alternatives: "profile",
  "source-regions": "profile",
  "on-demand": "foundation-model",
  "model-access": "foundation-model",
  "use-case": "foundation-model",
  "prompt-profiles": "profile",
  "data-retention": "foundation-model",
  identity: "identity",
  organization: "organization",
  simulation: "simulation",
  probe: "probe",
};

/** How each read is made. A reader may report more than once, and an error that it throws becomes evidence. */
export const READERS: Record<PlannedRead, Reader> = {
  profile: async ({ call: { reference, sourceRegion }, ports, signal }, tell) => {
    const lookup = await ports.resolveProfile(reference, sourceRegion, signal);
    const isAbsent = lookup.profile === undefined && lookup.failure?.reason !== "not-found";
    const notInCatalogOf = isAbsent ? await catalogWithout(reference, ports) : undefined;
    tell((gathered, record) => {
      if (lookup.profile) gathered.profile = lookup.profile;
      if (lookup.failure?.reason === "timeout") gathered.complete = false;
      record({ ...profileFinding(reference.id, lookup), ...(notInCatalogOf ? { notInCatalogOf } : {}) } as Finding);
    });
  },
  alternatives: async ({ ports, signal, ...question }, tell) => {
    const { alternatives, finding, complete } = await findAlternatives(question, ports, signal);
    tell((gathered, record) => {
      gathered.alternatives = alternatives;
      if (!complete) gathered.complete = false;
      record(finding);
    });
  },
  "source-regions": async ({ call: { reference, sourceRegion }, ports }, tell) => {
    const catalog = await ports.catalog();
    const profileId = "profileId" in reference ? reference.profileId : reference.id;
    const sourceRegions = catalog.knownSourceRegions(profileId);
    if (sourceRegions.length === 0 || sourceRegions.includes(sourceRegion)) return;
    const { asOf } = catalog;
    tell((_gathered, record) => record({ code: "profile-not-offered-here", profileId, sourceRegions, asOf }));
  },
  "on-demand": async ({ ports, signal, ...question }, tell) => {
    const { reference, sourceRegion } = question.call;
    const modelId = modelIdIn(reference) ?? reference.id;
    const { model, failure } = await ports.resolveModel(modelId, sourceRegion, signal);
    if (failure?.reason === "timeout") {
      tell((gathered) => {
        gathered.complete = false;
      });
    }
    if (failure?.reason === "not-found") tell((_gathered, record) => record({ code: "model-not-found", modelId }));
    if (model === undefined || onDemandAvailability(model, Date.now()) !== "profile-only") return;
    const { finding, complete } = await findAlternatives(question, ports, signal);
    tell((gathered, record) => {
      if (!complete) gathered.complete = false;
      if (finding.code === "profiles-of-model") record({ ...finding, code: "model-needs-profile" });
    });
  },
  "model-access": async ({ call: { reference, sourceRegion }, ports, signal }, tell) => {
    const modelId = modelIdIn(reference) ?? reference.id;
    const access = await ports.modelAccess(modelId, sourceRegion, signal);
    // In GovCloud Regions, the agreement is made elsewhere (Amazon Bedrock User Guide, "Regional availability by
    // models").
    const isGovCloud = sourceRegion.startsWith("us-gov-");
    tell((gathered, record) => {
      gathered.access = access;
      record({ code: "model-access", modelId, ...access, ...(isGovCloud ? { isGovCloud } : {}) });
    });
  },
  "use-case": async ({ call: { sourceRegion }, ports, signal }, tell) => {
    const isFilled = await ports.isUseCaseFilled(sourceRegion, signal);
    tell((_gathered, record) => record({ code: "use-case-form", isFilled }));
  },
  "prompt-profiles": async ({ ports, ...question }, tell) => {
    const finding = await promptFinding(question, ports);
    if (finding) tell((_gathered, record) => record(finding));
  },
  "data-retention": async ({ call: { sourceRegion: region }, ports, signal }, tell) => {
    const mode = await ports.dataRetentionMode(region, signal);
    tell((_gathered, record) => record({ code: "data-retention-mode", mode, region }));
  },
  identity: async (asked, tell) => {
    const { refusal, principalArn, given, ports, signal } = asked;
    const named = [principalArn, refusal?.principal].find((arn) => arn !== undefined && isWhole(parsePrincipal(arn)));
    const arn = named ?? (await ports.callerArn(signal));
    tell((gathered, record) => {
      gathered.identity = { principalArn: arn, isGuessed: false };
      if (named === undefined) record({ code: "caller", principalArn: arn });
    });
    if (ports.simulate !== undefined || (given && hangsOnRolePath(given, arn))) await readRole(arn, asked, tell);
  },
  organization: async (asked, tell) => {
    const { refusal, gathered, principalArn, given, ports, signal } = asked;
    const arn = gathered.identity?.principalArn ?? principalArn ?? refusal?.principal ?? "";
    const { accountId } = parsePrincipal(arn);
    const partition = parseArn(arn)?.partition;
    if (!accountId || !partition || ports.organization === undefined) {
      return tell((_gathered, record) => record({ code: "organization-without-account" }));
    }
    const { levels, managementAccountId } = await ports.organization(accountId, partition, signal);
    const policies = withServiceControl(given, levels, managementAccountId);
    const named = levels.map(({ level, policies }) => ({ level, policyNames: policies.map(({ name }) => name) }));
    tell((gathered, record) => {
      gathered.policies = policies;
      record({
        code: "organization-policies",
        levels: named,
        ...(managementAccountId === undefined ? {} : { managementAccountId }),
      });
    });
    if (!gathered.isRoleAsked && hangsOnRolePath(policies, arn)) await readRole(arn, asked, tell);
  },
  simulation: async (asked, tell) => {
    const { call, refusal, gathered, given, ports, signal } = asked;
    const { simulate } = ports;
    const { policySourceArn = "", isGuessed = false, principalArn } = gathered.identity ?? {};
    const impossible = notSimulated(gathered.identity);
    // What other services evaluate depends on a context that is unknown, so the simulator would only guess.
    const legs = authorizationsOf(call, refusal, principalArn, gathered.profile).legs.filter((leg) => !leg.unknownKeys);
    if (impossible || legs.length === 0 || simulate === undefined) {
      throw new NotApplicableError<NotApplicable>(impossible ?? "no-legs");
    }
    // The verdict on the leg that AWS identified is known. It is simulated last, to show whether the simulator agrees.
    const isNamed = ({ resource }: AuthorizationLeg) => resource === refusal?.resource;
    const unknownFirst = [...legs.filter((leg) => !isNamed(leg)), ...legs.filter(isNamed)];
    const placeOf = (action: string, region: string, resource: string) => `${action} ${region} ${resource}`;
    const byPlace = new Map(legs.map((leg) => [placeOf(leg.action, leg.region, leg.resource), leg]));
    const found: SimulatedLeg[] = [];
    const count = (isAllowed: boolean) =>
      found.filter(({ simulated }) => (simulated.decision === "allowed") === isAllowed).length;
    const tellFound = () =>
      tell((gathered, record) => {
        gathered.simulation = { policySourceArn, isGuessed, legs: found };
        const open = legs.length - found.length;
        record({ code: "simulation", policySourceArn, allowed: count(true), denied: count(false), open });
      });
    try {
      for (const request of simulationRequests(policySourceArn, unknownFirst, given, gathered.identity?.userId)) {
        const decisions = await simulate(request, signal);
        request.resources.forEach((resource, at) => {
          const leg = byPlace.get(placeOf(request.action, request.region, resource));
          const simulated = decisions[at];
          if (leg && simulated) found.push({ leg, simulated });
        });
        tell((gathered) => {
          gathered.simulation = { policySourceArn, isGuessed, legs: [...found] };
        });
      }
    } finally {
      if (found.length > 0) tellFound();
    }
  },
  probe: async ({ call, principalArn, gathered, ports, signal }, tell) => {
    if (principalArn !== undefined) throw new NotApplicableError<NotApplicable>("other-caller");
    if (!actionOf(call.operation)?.startsWith("bedrock:InvokeModel")) {
      throw new NotApplicableError<NotApplicable>("not-an-invocation");
    }
    // Without an agreement, the first invocation makes one (Amazon Bedrock User Guide, "Access Amazon Bedrock
    // foundation models").
    const maySubscribe = gathered.access?.agreement !== "AVAILABLE" && !isAmazons(modelIdIn(call.reference));
    if (ports.probe === undefined || (maySubscribe && !ports.mayProbeSubscribe)) {
      throw new NotApplicableError<NotApplicable>("may-start-subscription");
    }
    const answer = await ports.probe(call, signal);
    tell((gathered, record) => {
      const { probed, finding } = probedBy(answer);
      if (probed) gathered.probe = probed;
      record(finding);
    });
  },
};

/** Whether Amazon sells the model. Amazon's own models don't need a subscription. */
const isAmazons = (modelId: string | undefined) => modelId?.startsWith("amazon.") === true;

/** Looks up the caller's role, as far as IAM returns it. */
async function readRole(arn: string, { ports, signal }: Asked, tell: (bring: Bring) => void): Promise<void> {
  tell((gathered) => {
    gathered.isRoleAsked = true;
  });
  const { identity, finding, isLate } = await policySourceOf(arn, (name, id) => ports.role(name, id, signal));
  tell((gathered, record) => {
    gathered.identity = { principalArn: arn, isGuessed: false, ...identity };
    if (finding) record(finding, "identity");
    if (signal.aborted || isLate) gathered.complete = false;
  });
}

/** Returns the user, or the role of a session. Only IAM can provide that role's path. */
async function policySourceOf(
  arn: string,
  ask: (roleName: string, accountId: string) => Promise<Role>,
): Promise<{ identity: Partial<CallerIdentity>; finding?: Finding; isLate?: boolean }> {
  const { type, accountId = "", name = "", sessionName } = parsePrincipal(arn);
  if (type === "role" || type === "user") return { identity: { policySourceArn: arn } };
  if (type !== "assumed-role") return { identity: {} };
  try {
    const { arn: roleArn, id } = await ask(name, accountId);
    // IAM User Guide, "AWS global condition context keys", `aws:userid` of a session.
    const userId = id === undefined || sessionName === undefined ? {} : { userId: `${id}:${sessionName}` };
    return { identity: { policySourceArn: roleArn, ...userId }, finding: { code: "role", roleArn, isGuessed: false } };
  } catch (error) {
    const isLate = error instanceof DeadlineError;
    const isUnasked = [NotApplicableError, NotInstalledError, NotLoadedError].some((Kind) => error instanceof Kind);
    const roleArn = `arn:${parseArn(arn)?.partition}:iam::${accountId}:role/${name}`;
    // The path of such a role can't be guessed.
    const isHidden = isIdentityCenterRole(name);
    const identity = isHidden ? {} : { policySourceArn: roleArn, isGuessed: true };
    if (isUnasked || isHidden) return { identity, finding: failureFinding(error, isLate), isLate };
    return { identity, finding: { code: "role", roleArn, isGuessed: true, ...errorName(error) }, isLate };
  }
}

/** Why a caller can't be simulated (IAM API Reference, "SimulatePrincipalPolicy": a user, group or role). */
function notSimulated(identity: CallerIdentity | undefined): NotApplicable | undefined {
  if (identity === undefined) return "no-caller";
  const { type } = parsePrincipal(identity.principalArn);
  if (type === "root" || type === "federated-user") return type;
  if (identity.policySourceArn === undefined) return "role-path-unknown";
  return identity.policySourceArn.includes(":role/aws-service-role/") ? "service-linked-role" : undefined;
}

/**
 * Interprets the response to a probe. A denial reliably shows that the call is denied. An allowed call shows only as an
 * error about the request's content.
 */
function probedBy(answer: unknown): { probed?: Probed; finding: Finding } {
  if (!(answer instanceof Error)) return { probed: { passed: true }, finding: { code: "probe-passed" } };
  const refusal = parseCallError(answer);
  if (refusal) {
    const { kind, resource } = refusal;
    return {
      probed: { refusal, passed: false },
      finding: { code: "probe-refused", kind, ...(resource ? { resource } : {}) },
    };
  }
  const named = { errorName: errorName(answer).errorName ?? "an error" };
  if (answer.name !== "ValidationException") return { finding: { code: "probe-undecided", ...named } };
  return { probed: { passed: true }, finding: { code: "probe-passed", ...named } };
}

/** Returns the catalog's date if the catalog doesn't contain a system-defined profile. The profile may be newer. */
async function catalogWithout(reference: ModelReference, ports: DiagnosisPorts): Promise<string | undefined> {
  if (reference.kind !== "inference-profile") return undefined;
  const catalog = await ports.catalog().catch(() => undefined);
  return catalog?.knownSourceRegions(reference.profileId).length === 0 ? catalog.asOf : undefined;
}

function profileFinding(modelId: string, { via, profile, cached, asOf, failure }: ProfileLookup): Finding {
  const why = failure ? { failure } : {};
  const when = asOf ? { asOf } : {};
  if (!profile) return { code: "profile-unresolved", modelId, ...why };
  const found = { profileId: profile.id, destinationRegions: destinationRegions(profile), ...when };
  return via === "api"
    ? { code: "profile-from-api", ...found, cached }
    : { code: "profile-from-bundled-catalog", ...found, ...why };
}
