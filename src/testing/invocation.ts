import type { AuthorizationLeg } from "../authorization.js";
import { defined } from "../defined.js";
import { authorizationLegs } from "../resolve/legs.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import { denialOf, scriptedDenialOf } from "./authorization.js";
import type { SimulatedCall, World } from "./call.js";
import { contentText, guardrailContext, guardrailDenialOf, requestedGuardrail, unknownGuardrail } from "./guardrail.js";
import { answer } from "./model-answer.js";
import { ON_BEHALF, s3Legs, serviceTierContext, systemToolLegs } from "./request-needs.js";
import { invalid, isObject, malformed } from "./responses.js";
import { unknownModel } from "./unknown-id.js";
import type { RegionalModel } from "./virtual-catalog.js";
import type { FoundGuardrail } from "./virtual-guardrails.js";

const ELSEWHERE: readonly AuthorizationLeg["stage"][] = ["destination-model", "global-model"];

/**
 * Answers Converse, ConverseStream, InvokeModel, and InvokeModelWithResponseStream. Validates the request, and then
 * authorizes its legs in order.
 */
export function answerInvocation(call: SimulatedCall, world: World): Response {
  const { route, sourceRegion, accountId, body } = call;
  const { operation, id } = route;
  if (!isObject(body)) return malformed();
  const target = targetOf(call, world);
  if (target === undefined) return unknownModel(call, world);
  const scripted = scriptedDenialOf(id, world);
  if (scripted) return scripted;
  const requested = requestedGuardrail(call);
  const included = requested && world.guardrails.find(requested.id, requested.version, call);
  const { profile } = target;
  const legs = authorizationLegs(defined({ operation, modelId: id, sourceRegion, accountId, profile }));
  // A request without content ends in the source Region. AWS doesn't document that destination Regions are authorized
  // first.
  const isEmpty = operation.startsWith("Converse") && !body.messages;
  const context = new Map([
    ...(included ? guardrailContext(included.arn, included.version) : []),
    ...serviceTierContext(call),
  ]);
  const evaluated = isEmpty ? legs.filter(({ stage }) => !ELSEWHERE.includes(stage)) : legs;
  const denial = denialOf(evaluated, call, world, { context });
  if (denial) return denial;
  if (isEmpty) return invalid("The value at messages is empty. Add values to messages and try your request again.");
  // AWS doesn't document the order. Here, a guardrail is applied after the model is authorized.
  const guardrails = [...(included ? [included] : []), ...world.guardrails.enforced(call)];
  for (const guardrail of guardrails) {
    const denied = guardrailDenialOf(guardrail, call, world);
    if (denied) return denied;
  }
  if (included?.exists === false) return unknownGuardrail();
  const deniedNeed = denialOf(systemToolLegs(call), call, world) ?? denialOf(s3Legs(call), call, world, FOR_S3);
  if (deniedNeed) return deniedNeed;
  return unavailable(target, call, world) ?? answerAllowed(body, guardrails, call, world);
}

const FOR_S3 = { context: ON_BEHALF };

/** The profile or model that a model ID identifies. */
export interface InvocationTarget {
  profile: InferenceProfile | undefined;
  /** For a profile, the first of its models. */
  model: RegionalModel | undefined;
}

/** Returns undefined for an ID that identifies neither. */
export function targetOf(
  { route, sourceRegion, accountId }: SimulatedCall,
  { catalog }: World,
): InvocationTarget | undefined {
  const profile = catalog.profile(route.id, sourceRegion, accountId);
  const model = catalog.model(profile?.models[0]?.modelId ?? route.id, sourceRegion);
  return profile || model ? { profile, model } : undefined;
}

/** Returns the error for a model that can't be invoked in this way, although the caller is authorized. */
export function unavailable(
  { profile, model }: InvocationTarget,
  call: SimulatedCall,
  world: World,
): Response | undefined {
  if (!profile && model && !model.inferenceTypes.includes("ON_DEMAND")) {
    return invalid(
      `Invocation of model ID ${call.route.id} with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    );
  }
  const { mode } = world.dataRetention.of(call.accountId, call.sourceRegion);
  const isRetained = model?.dataRetentionModes?.includes(mode) ?? true;
  return isRetained ? undefined : invalid(`data retention mode '${mode}' is not available for this model`);
}

function answerAllowed(
  body: Record<string, unknown>,
  guardrails: readonly FoundGuardrail[],
  { route, sourceRegion, streamFault }: SimulatedCall,
  world: World,
): Response {
  const { operation, id } = route;
  const prompt = JSON.stringify(body);
  const blockedInput = guardrails.find(({ blocks }) => blocks(inputText(body), "INPUT"));
  const said = blockedInput?.blockedMessage ?? world.reply({ modelId: id, sourceRegion, body });
  if (typeof said !== "string") throw new TypeError(`reply must return a string; it returned ${typeof said}.`);
  const blockedOutput = blockedInput ? undefined : guardrails.find(({ blocks }) => blocks(said, "OUTPUT"));
  const intervened = blockedInput ?? blockedOutput;
  const guardrail = intervened ? "INTERVENED" : guardrails.length > 0 ? "NONE" : undefined;
  return answer(operation, { text: intervened?.blockedMessage ?? said, guardrail, prompt }, streamFault);
}

/** Returns the text that a guardrail assesses: the text of the messages, or the whole body if it has another form. */
function inputText(body: Record<string, unknown>): string {
  if (!Array.isArray(body.messages)) return JSON.stringify(body);
  const blocks = body.messages.flatMap((message) => (isObject(message) ? (message.content ?? []) : []));
  return blocks.map((block) => (typeof block === "string" ? block : contentText(block))).join("\n");
}
