import type { RefusalKind } from "../refusal/kinds.js";
import type { ModelReference } from "../resolve/model-id.js";

/** One read that may add to what the message says. */
export type PlannedRead =
  | "profile"
  | "alternatives"
  | "source-regions"
  | "on-demand"
  | "model-access"
  | "use-case"
  | "prompt-profiles"
  | "data-retention"
  | "identity"
  | "organization"
  | "simulation"
  | "probe";

/** Refusals that hang on where a request is routed: only for these are the profile's destinations worth a call. */
const ABOUT_ROUTING: ReadonlySet<RefusalKind> = new Set(["iam-denied", "unknown"]);

/** Refusals of the account's access to a model: the service says more about that than its message does. */
const ABOUT_ACCESS: ReadonlySet<RefusalKind> = new Set([
  "model-access-not-granted",
  "marketplace-permission",
  "marketplace-pending",
  "marketplace-payment",
]);

/** The kinds of ID that may be a mistyped model or profile ID. */
const MISTYPED: ReadonlySet<ModelReference["kind"]> = new Set(["inference-profile", "foundation-model", "unknown"]);

/** The reads that the application opted in to, and what there is to go by. */
export interface OptedInReads {
  organization?: boolean;
  simulation?: boolean;
  probe?: boolean;
  /** True where the caller's ARN is known: AWS's message names it. */
  isCallerKnown?: boolean;
  /** True where policies are at hand that apply to a caller. */
  policies?: boolean;
  /** True where they hang on the path of the caller's role, which the caller's ARN does not show. */
  rolePath?: boolean;
}

/**
 * Which reads are worth making for this refusal. A refusal about credentials or the account says all that there is in
 * its own message, so nothing is asked.
 */
export function planReads(kind: RefusalKind, reference: ModelReference, optedIn: OptedInReads): PlannedRead[] {
  const isGlobal = reference.kind === "inference-profile" && reference.geography === "global";
  const reads: PlannedRead[] = [];
  if (isProfile(reference) && ABOUT_ROUTING.has(kind)) reads.push("profile");
  // A geographic profile of the same model is narrower than global routing: worth naming. The other way round is not.
  if (isGlobal && ABOUT_ROUTING.has(kind)) reads.push("alternatives");
  if (kind === "on-demand-unsupported" && reference.kind === "foundation-model") reads.push("alternatives");
  if (kind === "invalid-model-id" && reference.kind === "inference-profile") reads.push("source-regions");
  if (kind === "invalid-model-id" && MISTYPED.has(reference.kind)) reads.push("alternatives");
  const modelId = modelIdIn(reference);
  if (modelId !== undefined && ABOUT_ACCESS.has(kind)) reads.push("model-access");
  const mayLackForm = kind === "model-access-not-granted" && modelId?.startsWith("anthropic.");
  if (kind === "use-case-form" || mayLackForm) reads.push("use-case");
  if (kind === "iam-denied" && reference.kind === "prompt") reads.push("prompt-profiles");
  if (kind === "data-retention") reads.push("data-retention");
  // Policies decide about nothing but what IAM denies.
  return kind === "iam-denied" ? [...reads, ...readsOfPermissions(reference, reads, optedIn)] : reads;
}

/** Which reads are worth making where no call was refused yet: whatever may tell that one would be. */
export function planPreflight(reference: ModelReference, optedIn: OptedInReads): PlannedRead[] {
  const reads = planReads("unknown", reference, optedIn);
  if (reference.kind === "inference-profile") reads.push("source-regions");
  if (reference.kind === "foundation-model") reads.push("on-demand");
  const modelId = modelIdIn(reference);
  if (modelId !== undefined) reads.push("model-access");
  if (modelId?.startsWith("anthropic.")) reads.push("use-case");
  if (modelId !== undefined) reads.push("data-retention");
  return [...reads, ...readsOfPermissions(reference, reads, optedIn)];
}

function readsOfPermissions(
  reference: ModelReference,
  planned: readonly PlannedRead[],
  { organization, simulation, probe, isCallerKnown, policies, rolePath }: OptedInReads,
): PlannedRead[] {
  const needsCaller = (organization || policies) && !isCallerKnown;
  // Whether a subscription might start is in the access.
  const asksAccess = probe && modelIdIn(reference) !== undefined && !planned.includes("model-access");
  return [
    ...(asksAccess ? (["model-access"] as const) : []),
    ...(needsCaller || simulation || rolePath ? (["identity"] as const) : []),
    ...(organization ? (["organization"] as const) : []),
    ...(simulation ? (["simulation"] as const) : []),
    ...(probe ? (["probe"] as const) : []),
  ];
}

/** What a read waits for: it is made with what these bring. */
export const AFTER: Partial<Record<PlannedRead, readonly PlannedRead[]>> = {
  organization: ["identity"],
  simulation: ["profile", "identity"],
  probe: ["model-access"],
};

export const isProfile = ({ kind }: ModelReference): boolean =>
  kind === "inference-profile" || kind === "application-inference-profile";

/** The foundation model that a modelId names, or, by the prefix rule, that its profile routes to. */
export function modelIdIn(reference: ModelReference): string | undefined {
  return "modelId" in reference && reference.modelId !== "" ? reference.modelId : undefined;
}
