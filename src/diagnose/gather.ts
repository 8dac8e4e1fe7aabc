import { parseArn } from "../arn.js";
import { parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { NotInstalledError } from "../resolve/lookup-failure.js";
import { destinationRegions, type InferenceProfile } from "../resolve/profile-source.js";
import type { ProfileLookup } from "../resolve/resolve.js";
import type { AlternativeProfile, BareEvidence, EvidenceSource, Finding } from "./evidence.js";
import { modelIdIn, type PlannedRead } from "./plan.js";
import type { DiagnosisPorts, OrganizationPolicies } from "./ports.js";
import type { RefusedCall } from "./refused-call.js";

/** What the reads brought. Whatever failed is in `evidence`, and nowhere else. */
export interface Gathered {
  profile?: InferenceProfile;
  alternatives: AlternativeProfile[];
  organization?: OrganizationPolicies;
  evidence: BareEvidence[];
  complete: boolean;
}

/** How long a diagnosis may take, and who may end it. */
export interface GatherLimits {
  /** Milliseconds for all reads together; 0 asks nothing. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
  now: () => number;
}

/** The network's share of the deadline, so that the bundled catalog can still answer in what is left. */
const networkShare = (timeoutMs: number) => timeoutMs - Math.min(100, timeoutMs * 0.1);

/**
 * Runs the planned reads side by side under one deadline. Never rejects and never outlasts the deadline: a read that
 * throws, hangs or is refused becomes evidence of that. The caller's abort ends it at once.
 */
export async function gather(
  call: RefusedCall,
  refusal: ParsedRefusal,
  reads: readonly PlannedRead[],
  ports: DiagnosisPorts,
  { timeoutMs, signal, now }: GatherLimits,
): Promise<Gathered> {
  const gathered: Gathered = { alternatives: [], evidence: [messageEvidence(refusal, now)], complete: true };
  if (reads.length === 0) return gathered;
  if (timeoutMs <= 0 || signal?.aborted) return { ...gathered, complete: false };

  const network = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let cut: "deadline" | "aborted" | undefined;
  let onAbort = () => {};
  const end = new Promise<void>((resolve) => {
    const cutBy = (reason: "deadline" | "aborted") => {
      cut ??= reason;
      network.abort();
      resolve();
    };
    onAbort = () => cutBy("aborted");
    timers.push(
      setTimeout(() => network.abort(), networkShare(timeoutMs)),
      setTimeout(() => cutBy("deadline"), timeoutMs),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });

  const started = now();
  const recordFor = (read: PlannedRead) => (finding: Finding) =>
    gathered.evidence.push({ source: SOURCE[read], finding, at: iso(now()), durationMs: now() - started });

  const finished = new Set<PlannedRead>();
  const work = reads.map(async (read) => {
    try {
      const bring = await READERS[read](call, ports, network.signal, refusal);
      if (!cut) bring(gathered, recordFor(read));
    } catch (error) {
      if (!cut) recordFor(read)(failureFinding(error, network.signal.aborted));
      if (network.signal.aborted) gathered.complete = false;
    } finally {
      finished.add(read);
    }
  });
  await Promise.race([Promise.all(work), end]);

  for (const timer of timers) clearTimeout(timer);
  signal?.removeEventListener("abort", onAbort);
  if (cut) {
    gathered.complete = false;
    for (const read of reads) if (!finished.has(read)) recordFor(read)({ code: "source-failed", reason: cut });
  }
  return gathered;
}

/** Puts what a read brought where it belongs; only called while the diagnosis still listens. */
type Bring = (gathered: Gathered, record: (finding: Finding) => void) => void;
type Reader = (call: RefusedCall, ports: DiagnosisPorts, signal: AbortSignal, refusal: ParsedRefusal) => Promise<Bring>;

/** Which source a read belongs to. */
const SOURCE: Record<PlannedRead, EvidenceSource> = {
  profile: "profile",
  alternatives: "profile",
  "source-regions": "profile",
  organization: "organization",
  "model-access": "foundation-model",
  "use-case": "foundation-model",
};

const READERS: Record<PlannedRead, Reader> = {
  profile: async ({ reference, sourceRegion }, ports, signal) => {
    const lookup = await ports.resolveProfile(reference, sourceRegion, signal);
    return (gathered, record) => {
      if (lookup.profile) gathered.profile = lookup.profile;
      if (lookup.failure?.reason === "timeout") gathered.complete = false;
      record(profileFinding(reference.id, lookup));
    };
  },
  alternatives: async ({ reference, sourceRegion }, ports) => {
    const catalog = await ports.catalog();
    const modelId = modelIdIn(reference) ?? reference.id;
    const known = catalog.knownProfilesOf(modelId, sourceRegion).filter((k) => k.profile.id !== reference.id);
    const usable = known.filter((k) => !k.likelyRetired);
    const asOf = usable[0]?.asOf;
    return (gathered, record) => {
      gathered.alternatives = usable.map((k) => ({
        profileId: k.profile.id,
        destinationRegions: destinationRegions(k.profile),
        asOf: k.asOf,
      }));
      const profileIds = usable.map((k) => k.profile.id);
      record({ code: "profiles-of-model", modelId, profileIds, ...(asOf ? { asOf } : {}) });
    };
  },
  "source-regions": async ({ reference, sourceRegion }, ports) => {
    const catalog = await ports.catalog();
    const profileId = "profileId" in reference ? reference.profileId : reference.id;
    const sourceRegions = catalog.knownSourceRegions(profileId);
    return (_gathered, record) => {
      if (sourceRegions.length > 0 && !sourceRegions.includes(sourceRegion)) {
        record({ code: "profile-not-offered-here", profileId, sourceRegions });
      }
    };
  },
  "model-access": async ({ reference, sourceRegion }, ports, signal) => {
    const modelId = modelIdIn(reference) ?? reference.id;
    const access = await ports.modelAccess(modelId, sourceRegion, signal);
    return (_gathered, record) => record({ code: "model-access", modelId, ...access });
  },
  "use-case": async ({ sourceRegion }, ports, signal) => {
    const isFilled = await ports.isUseCaseFilled(sourceRegion, signal);
    return (_gathered, record) => record({ code: "use-case-form", isFilled });
  },
  organization: async (_call, ports, signal, refusal) => {
    const caller = callerOf(refusal);
    if (caller === undefined || ports.organization === undefined) {
      return (_gathered, record) => record({ code: "organization-without-account" });
    }
    const organization = await ports.organization(caller.accountId, caller.partition, signal);
    const { levels, managementAccountId } = organization;
    const named = levels.map(({ level, policies }) => ({ level, policyNames: policies.map(({ name }) => name) }));
    return (gathered, record) => {
      gathered.organization = organization;
      record({
        code: "organization-policies",
        levels: named,
        ...(managementAccountId === undefined ? {} : { managementAccountId }),
      });
    };
  },
};

/** The account that the refusal names as the caller's. */
function callerOf({ principal = "" }: ParsedRefusal): { accountId: string; partition: string } | undefined {
  const { accountId } = parsePrincipal(principal);
  const partition = parseArn(principal)?.partition;
  return accountId && partition ? { accountId, partition } : undefined;
}

function failureFinding(error: unknown, isLate: boolean): Finding {
  if (error instanceof NotInstalledError) return { code: "source-not-installed", packageName: error.packageName };
  return { code: "source-failed", reason: isLate ? "deadline" : "error", ...errorName(error) };
}

function messageEvidence(refusal: ParsedRefusal, now: () => number): BareEvidence {
  const { kind, action, resource, policyType, denyKind } = refusal;
  const finding: Finding =
    action !== undefined && resource !== undefined
      ? {
          code: "refusal-names-resource",
          action,
          resource,
          ...(policyType ? { policyType } : {}),
          ...(denyKind ? { denyKind } : {}),
        }
      : { code: "refusal-names-no-resource", kind };
  return { source: "message", finding, at: iso(now()), durationMs: 0 };
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

const iso = (time: number) => new Date(time).toISOString();

function errorName(error: unknown): { errorName?: string } {
  return error instanceof Error ? { errorName: error.name } : {};
}
