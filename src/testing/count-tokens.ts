import { authorizationLegs } from "../resolve/legs.js";
import { denialOf } from "./authorization.js";
import type { SimulatedCall, World } from "./call.js";
import { tokensOf } from "./model-answer.js";
import { parsed } from "./recorded-request.js";
import { invalid, invalidField, isObject, jsonResponse, malformed } from "./responses.js";
import { unknownModel } from "./unknown-id.js";

/**
 * Answers CountTokens. It accepts only foundation models, including those that can be invoked only through a profile.
 */
export function answerCountTokens(call: SimulatedCall, world: World): Response {
  const { route, sourceRegion, accountId, body } = call;
  if (!isObject(body)) return malformed();
  if (world.catalog.profile(route.id, sourceRegion, accountId)) {
    return invalid("The provided model doesn't support counting tokens.");
  }
  if (!world.catalog.model(route.id, sourceRegion)) return unknownModel(call, world);
  const legs = authorizationLegs({ operation: "CountTokens", modelId: route.id, sourceRegion, accountId });
  const denial = denialOf(legs, call, world);
  if (denial) return denial;
  const prompt = promptOf(body.input);
  if (prompt === undefined) return invalidField("input", "not be null");
  return jsonResponse({ inputTokens: tokensOf(JSON.stringify(prompt)) });
}

/** Returns the body of an invocation with this input, so that both operations count the same tokens. */
function promptOf(input: unknown): Record<string, unknown> | undefined {
  if (!isObject(input)) return undefined;
  if (isObject(input.converse)) return input.converse;
  const blob = isObject(input.invokeModel) ? input.invokeModel.body : undefined;
  const body = typeof blob === "string" ? parsed(Buffer.from(blob, "base64").toString("utf8")) : undefined;
  return isObject(body) ? body : undefined;
}
