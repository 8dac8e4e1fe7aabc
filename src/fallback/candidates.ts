import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { type ModelLookup, onDemandAvailability } from "../resolve/foundation-models.js";
import type { ModelReference } from "../resolve/model-id.js";
import type { Consideration, NotTried, Target } from "./report.js";

/** The call, as far as a fallback needs to know it. */
export interface FallbackCall {
  operation: string;
  modelId: string;
  reference: ModelReference;
  sourceRegion: string;
  /** The command's input. Only its named fields are read or left out; prompts and bodies go on as they are. */
  input: Readonly<Record<string, unknown>>;
}

/** What the application allows. */
export interface FallbackRules {
  readonly models: Readonly<Record<string, string>>;
  readonly allowRegions: readonly string[];
}

/** Request and response in one: refused before the first byte, they can be sent again elsewhere. */
const REPLAYABLE: ReadonlySet<string> = new Set([
  "Converse",
  "ConverseStream",
  "InvokeModel",
  "InvokeModelWithResponseStream",
]);

/** Whether calls like this one can ever fall back; the reason where not. */
export function whyNever({
  operation,
  reference,
}: Pick<FallbackCall, "operation" | "reference">): NotTried | undefined {
  if (!REPLAYABLE.has(operation)) return "operation-not-replayable";
  return "profileId" in reference ? undefined : "not-a-profile";
}

/**
 * Whether this refusal may be answered by a fallback: only where Bedrock's routing is what was refused, that is, a
 * foundation model in a Region that is not the source Region, or in none (Amazon Bedrock User Guide, "Geographic
 * cross-Region inference" and "Global cross-Region inference").
 */
export function whyNot(refusal: ParsedRefusal, call: FallbackCall): NotTried | undefined {
  const never = whyNever(call);
  if (never !== undefined) return never;
  if (!isAboutRouting(refusal, call.sourceRegion)) return "not-about-routing";
  return refusal.policyType === "vpc-endpoint-policy" ? "vpc-endpoint-policy" : undefined;
}

/** True for a refusal of a destination, or of global routing. A retry would meet it again. */
export function isAboutRouting(refusal: ParsedRefusal, sourceRegion: string): boolean {
  const isInvoke = /^bedrock:InvokeModel/i.test(refusal.action ?? "");
  const region = deniedModelOf(refusal)?.region;
  return refusal.kind === "iam-denied" && isInvoke && region !== undefined && region !== sourceRegion;
}

/** A foundation model, and the Region in which it was denied; `unspecified` for global routing. */
export interface DeniedModel {
  modelId: string;
  region: string;
}

/** The foundation model that a refusal is about, as its resource shows. */
export function deniedModelOf({ resource }: ParsedRefusal): DeniedModel | undefined {
  const arn = resource === undefined ? undefined : parseArn(resource);
  if (arn?.service !== "bedrock" || !arn.resource.startsWith(MODEL_TYPE)) return undefined;
  return { modelId: arn.resource.slice(MODEL_TYPE.length), region: arn.region || UNSPECIFIED_REGION };
}

const MODEL_TYPE = "foundation-model/";

/** A place where the call could go instead. */
export interface Candidate extends Target {
  /** Why it is passed over without a look. */
  passedOver?: Consideration["reason"];
}

/**
 * Where a denied call may go, in order: the profile's own model in the source Region, then in the Regions that the
 * application allows, then the model that it lists, in the same Regions. Nothing else, and never another profile.
 *
 * @param ownModel one of the resolved profile's models; undefined if they are unknown. Never taken from a message alone.
 * @param deniedRegion where the call was denied
 * @param isEndpointPinned true if no other Region can be reached
 */
export function candidatesFor(
  call: Pick<FallbackCall, "modelId" | "sourceRegion">,
  ownModel: string | undefined,
  deniedRegion: string,
  rules: FallbackRules,
  isEndpointPinned: boolean,
): Candidate[] {
  const listed = rules.models[call.modelId] ?? (ownModel === undefined ? undefined : rules.models[ownModel]);
  const regions = [...new Set([call.sourceRegion, ...rules.allowRegions])];
  const models = [...new Set([ownModel, listed])].filter((modelId) => modelId !== undefined);
  return models.flatMap((modelId) =>
    regions.map((region): Candidate => {
      if (region === call.sourceRegion) return { modelId, region };
      if (region === deniedRegion) return { modelId, region, passedOver: "blocked-region" };
      if (isEndpointPinned) return { modelId, region, passedOver: "endpoint-pinned" };
      return { modelId, region };
    }),
  );
}

/** What a lookup says about a candidate: passed over, or not tried yet. */
export function consider(candidate: Candidate, lookup: ModelLookup | undefined, now: number): Consideration {
  const { modelId, region, passedOver } = candidate;
  const place = { modelId, region };
  if (passedOver !== undefined) return { ...place, outcome: "passed-over", reason: passedOver };
  if (lookup === undefined || lookup.via === "none" || !lookup.model) {
    const reason = lookup?.failure?.reason === "not-found" ? "not-found" : "unknown";
    return { ...place, outcome: "passed-over", reason };
  }
  const { lifecycle } = lookup.model;
  const known = {
    knownFrom: lookup.via,
    ...(lookup.asOf ? { asOf: lookup.asOf } : {}),
    ...(lifecycle && lifecycle !== "ACTIVE" ? { lifecycle } : {}),
  };
  const availability = onDemandAvailability(lookup.model, now);
  if (availability === "available") return { ...place, outcome: "not-tried", ...known };
  return { ...place, outcome: "passed-over", reason: availability, ...known };
}

/** True where a call holds a guardrail, which exists in the source Region only. */
export function hasGuardrail({ input }: Pick<FallbackCall, "input">): boolean {
  const { guardrailIdentifier, guardrailConfig } = input as {
    guardrailIdentifier?: unknown;
    guardrailConfig?: { guardrailIdentifier?: unknown };
  };
  return Boolean(guardrailIdentifier || guardrailConfig?.guardrailIdentifier);
}

/** What only some profiles or models take; another target answers it with an error (Amazon Bedrock User Guide, "Optimize model inference for latency" and "Service tiers for inference"). */
const NOT_CARRIED = ["performanceConfig", "performanceConfigLatency", "serviceTier"];

/** The same input for another target: all the same but the model, and without what cannot be carried over. */
export function inputFor(
  { modelId }: Target,
  input: Readonly<Record<string, unknown>>,
): { input: Record<string, unknown>; dropped: string[] } {
  const dropped = NOT_CARRIED.filter((field) => input[field] !== undefined && input[field] !== null);
  const kept = Object.entries(input).filter(([field]) => !dropped.includes(field));
  return { input: { ...Object.fromEntries(kept), modelId }, dropped };
}
