import type { RefusalKind } from "../refusal/kinds.js";
import type { ModelReference } from "../resolve/model-id.js";

/** One read that may add to the error message. */
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

/** Denials that depend on where a request is routed. The profile's destination Regions are looked up only for these. */
const ABOUT_ROUTING: ReadonlySet<RefusalKind> = new Set(["iam-denied", "unknown"]);

/** Denials of the account's access to a model. The service reports more about that access than its message does. */
const ABOUT_ACCESS: ReadonlySet<RefusalKind> = new Set([
  "model-access-not-granted",
  "marketplace-permission",
  "marketplace-pending",
  "marketplace-payment",
]);

/** The kinds of ID that may be a mistyped model or profile ID. */
const MISTYPED: ReadonlySet<ModelReference["kind"]> = new Set(["inference-profile", "foundation-model", "unknown"]);

/** The reads that the application opted in to, and what is already known. */
export interface OptedInReads {
  organization?: boolean;
  simulation?: boolean;
  probe?: boolean;
  /** True if the caller's ARN is known from AWS's message. */
  isCallerKnown?: boolean;
  /** True if policies that apply to a caller were provided. */
  policies?: boolean;
  /** True if these policies depend on the path of the caller's role, which the caller's ARN doesn't show. */
  rolePath?: boolean;
}

/**
 * Plans the reads that can add to this denial. If a denial is about credentials or the account, its message is
 * complete, so no source is called.
 */
export function planReads(kind: RefusalKind, reference: ModelReference, optedIn: OptedInReads): PlannedRead[] {
  const isGlobal = reference.kind === "inference-profile" && reference.geography === "global";
  const reads: PlannedRead[] = [];
  if (isProfile(reference) && ABOUT_ROUTING.has(kind)) reads.push("profile");
  // A geographic profile of the same model is narrower than global routing, so it is worth suggesting. The reverse
  // isn't.
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
  // Policies matter only for what IAM denies.
  return kind === "iam-denied" ? [...reads, ...readsOfPermissions(reference, reads, optedIn)] : reads;
}

/** Plans the reads for a preflight: every read that may show that a call would be denied. */
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
  // The account's access shows whether a subscription might start.
  const asksAccess = probe && modelIdIn(reference) !== undefined && !planned.includes("model-access");
  return [
    ...(asksAccess ? (["model-access"] as const) : []),
    ...(needsCaller || simulation || rolePath ? (["identity"] as const) : []),
    ...(organization ? (["organization"] as const) : []),
    ...(simulation ? (["simulation"] as const) : []),
    ...(probe ? (["probe"] as const) : []),
  ];
}

/** The reads that a read depends on. It starts when they have finished. */
export const AFTER: Partial<Record<PlannedRead, readonly PlannedRead[]>> = {
  organization: ["identity"],
  simulation: ["profile", "identity"],
  probe: ["model-access"],
};

export const isProfile = ({ kind }: ModelReference): boolean =>
  kind === "inference-profile" || kind === "application-inference-profile";

/** Returns the foundation model that a `modelId` contains, or that its profile routes to by the prefix rule. */
export function modelIdIn(reference: ModelReference): string | undefined {
  return "modelId" in reference && reference.modelId !== "" ? reference.modelId : undefined;
}
