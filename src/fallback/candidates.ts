import type { Call } from "../call/call.js";
import { defined } from "../defined.js";
import type { ModelLookup } from "../resolve/foundation-models.js";
import { guardrailHolder } from "../resolve/guardrail-arn.js";
import { onDemandAvailability } from "../resolve/model-availability.js";
import type { FallbackSettings } from "./ports.js";
import type { Consideration, Target } from "./report.js";

/** A target that the call could be sent to instead. */
export interface Candidate extends Target {
  /** Why it is skipped without a lookup. */
  passedOver?: Consideration["reason"];
}

/**
 * Returns where a denied call may be sent, in order. First, the profile's own model in the source Region. Then, that
 * model in the Regions that the application allows. Last, the model that the application lists, in the same Regions.
 * Nothing else is ever a candidate, and in particular no other profile.
 *
 * @param ownModel one of the resolved profile's models. Undefined if they are unknown. Never taken from a message
 *   alone.
 * @param deniedRegion where the call was denied
 * @param isEndpointPinned true if no other Region can be reached
 */
export function candidatesFor(
  call: Pick<Call, "modelId" | "sourceRegion">,
  ownModel: string | undefined,
  deniedRegion: string,
  rules: Pick<FallbackSettings, "models" | "allowRegions">,
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

/** Returns the outcome of a candidate's lookup: skipped, or not tried yet. */
export function consider(candidate: Candidate, lookup: ModelLookup | undefined, now: number): Consideration {
  const { modelId, region, passedOver } = candidate;
  const place = { modelId, region };
  if (passedOver !== undefined) return { ...place, outcome: "passed-over", reason: passedOver };
  if (lookup === undefined || lookup.via === "none" || !lookup.model) {
    const reason = lookup?.failure?.reason === "not-found" ? "not-found" : "unknown";
    return { ...place, outcome: "passed-over", reason, ...defined({ asOf: lookup?.asOf || undefined }) };
  }
  const { lifecycle } = lookup.model;
  const known = defined({
    knownFrom: lookup.via,
    asOf: lookup.asOf || undefined,
    lifecycle: lifecycle === "ACTIVE" ? undefined : lifecycle || undefined,
  });
  const availability = onDemandAvailability(lookup.model, now);
  if (availability === "available") return { ...place, outcome: "not-tried", ...known };
  return { ...place, outcome: "passed-over", reason: availability, ...known };
}

/** True if a call contains a guardrail, which exists only in the source Region. */
export function hasGuardrail({ input }: Pick<Call, "input">): boolean {
  const { guardrailIdentifier } = guardrailHolder(input) as { guardrailIdentifier?: unknown };
  return Boolean(guardrailIdentifier);
}

/**
 * Fields that only some profiles or models accept. Another target returns an error for them (Amazon Bedrock User Guide,
 * "Optimize model inference for latency" and "Service tiers for inference").
 */
const NOT_CARRIED = ["performanceConfig", "performanceConfigLatency", "serviceTier"];

/**
 * Returns the input for another target. Only the model changes, and fields that the target can't accept are omitted.
 */
export function inputFor(
  { modelId }: Target,
  input: Readonly<Record<string, unknown>>,
): { input: Record<string, unknown>; dropped: string[] } {
  const dropped = NOT_CARRIED.filter((field) => input[field] !== undefined && input[field] !== null);
  const kept = Object.entries(input).filter(([field]) => !dropped.includes(field));
  return { input: { ...Object.fromEntries(kept), modelId }, dropped };
}
