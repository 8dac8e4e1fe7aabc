import type { CompiledPolicies } from "../policy/evaluation/policy-set.js";
import type { Principal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { CallFacts, GuardrailStatement } from "../resolve/call-facts.js";
import { type ModelReference, parseModelId } from "../resolve/model-id.js";
import { type DiagnosedCall, UNKNOWN_OPERATION, UNKNOWN_REGION } from "./diagnosed-call.js";
import type { DenialQuestion } from "./question.js";

/** What is known of a denied call in addition to the error. */
export interface DenialDetails extends GuardrailStatement {
  /** The `modelId` of the call: an ID or ARN of a model or an inference profile. */
  modelId?: string | undefined;
  /** The Region of the client that made the call. */
  sourceRegion?: string | undefined;
  /** The SDK operation: `Converse`. */
  operation?: string | undefined;
  /** The policies that apply to the call. */
  policies?: CompiledPolicies | undefined;
  caller?: Principal | undefined;
  /** The part of the call's input that is known. */
  facts?: Pick<CallFacts, "guardrail" | "serviceTier"> | undefined;
}

/**
 * Returns the question about a denial that was recorded. The input of the call isn't known. What neither the denial nor
 * the details show is unknown.
 */
export function questionAbout(refusal: ParsedRefusal, details: DenialDetails): DenialQuestion {
  const { policies, caller } = details;
  return { call: calledBy(refusal, details), refusal, policies, caller, isRecorded: true };
}

/** What AWS recorded takes precedence over the details. A tool may pass the same details for all of its records. */
function calledBy(refusal: ParsedRefusal, { facts = {}, ...details }: DenialDetails): DiagnosedCall {
  const { enforcedGuardrails, guardrailProfiles } = details;
  const recorded = refusal.call ?? {};
  const modelId = recorded.modelId || modelIdOf(refusal, details.modelId) || "";
  const reference = parseModelId(modelId);
  const inReference = "region" in reference ? reference.region : undefined;
  // A profile that is denied is the one in the source Region.
  const inProfile = isProfile(refusal.resource) ? refusal.region : undefined;
  return {
    operation: recorded.operation || details.operation || UNKNOWN_OPERATION,
    modelId,
    reference,
    sourceRegion: recorded.sourceRegion || inProfile || details.sourceRegion || inReference || UNKNOWN_REGION,
    facts: { ...facts, unread: unreadOf(facts) },
    enforcedGuardrails,
    guardrailProfiles,
  };
}

/**
 * Returns the model ID in the details, unless it's empty, or AWS denied another inference profile. A prompt or a router
 * may call that profile.
 */
function modelIdOf(refusal: ParsedRefusal, stated: string | undefined): string | undefined {
  const shown = calledModelIn(refusal);
  if (!stated || shown === undefined) return stated || shown;
  const [one, other] = [parseModelId(stated), parseModelId(shown)];
  const isOther = other.kind === "inference-profile" && "modelId" in one && profileIdOf(one) !== other.profileId;
  return isOther ? shown : stated;
}

const profileIdOf = (reference: ModelReference) => ("profileId" in reference ? reference.profileId : undefined);

/** Everything in the input that isn't known may be authorized too, or may set condition keys. */
const unreadOf = ({ guardrail, serviceTier }: CallFacts): NonNullable<CallFacts["unread"]> => [
  "body",
  "tags",
  ...(guardrail ? [] : (["guardrail"] as const)),
  ...(serviceTier === undefined ? (["service-tier"] as const) : []),
];

/**
 * Returns the model ID that was called, if the message shows it. A foundation model in the message isn't enough: the
 * call may have gone through an inference profile.
 */
function calledModelIn({ kind, resource, modelId }: ParsedRefusal): string | undefined {
  if (resource?.includes(":application-inference-profile/")) return resource;
  return isProfile(resource) || kind === "on-demand-unsupported" ? modelId : undefined;
}

const isProfile = (resource: string | undefined) => resource?.includes("inference-profile/") === true;
