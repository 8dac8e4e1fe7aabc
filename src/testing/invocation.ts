import { type AuthorizationLeg, authorizationLegs } from "../resolve/legs.js";
import { denialOf, scriptedDenialOf } from "./authorization.js";
import type { Call, World } from "./call.js";
import { unknownIdHint } from "./hints.js";
import { answer } from "./model-answer.js";
import { invalid } from "./responses.js";

const ELSEWHERE: readonly AuthorizationLeg["stage"][] = ["destination-model", "global-model"];

/** Converse, ConverseStream, InvokeModel, InvokeModelWithResponseStream: validated, authorized leg by leg, answered. */
export function answerInvocation(call: Call, world: World): Response {
  const { route, sourceRegion, accountId, body, streamFault } = call;
  const { operation, id } = route;
  if (!isObject(body)) {
    return invalid("Malformed input request: expected a JSON object, please reformat your input and try again.");
  }
  const profile = world.catalog.profile(id, sourceRegion, accountId);
  const model = profile ? undefined : world.catalog.model(id, sourceRegion);
  if (!profile && !model) {
    const hint = world.hasHints ? unknownIdHint(id, sourceRegion, world.catalog) : "";
    return invalid(`The provided model identifier is invalid.${hint}`);
  }
  const scripted = scriptedDenialOf(id, world);
  if (scripted) return scripted;
  const legs = authorizationLegs({ operation, modelId: id, sourceRegion, accountId, ...(profile ? { profile } : {}) });
  // A request without content ends at the source: no page of AWS's says that destinations are authorized before.
  const isEmpty = operation.startsWith("Converse") && !body.messages;
  const denial = denialOf(isEmpty ? legs.filter(({ stage }) => !ELSEWHERE.includes(stage)) : legs, call, world);
  if (denial) return denial;
  if (isEmpty) return invalid("The value at messages is empty. Add values to messages and try your request again.");
  if (model && !model.inferenceTypes.includes("ON_DEMAND")) {
    return invalid(
      `Invocation of model ID ${id} with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    );
  }
  const text = world.reply({ modelId: id, sourceRegion, body });
  if (typeof text !== "string") throw new TypeError(`reply must return a string; it returned ${typeof text}.`);
  return answer(operation, text, JSON.stringify(body), streamFault);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
