import { denialOf } from "./authorization.js";
import type { SimulatedCall, World } from "./call.js";
import { contentText } from "./guardrail.js";
import { invalidField, isObject, jsonResponse, malformed } from "./responses.js";

/** Answers InvokeGuardrailChecks. Every requested check passes. */
export function answerGuardrailChecks(call: SimulatedCall, world: World): Response {
  const { sourceRegion, body } = call;
  const leg = {
    stage: "guardrail",
    action: "bedrock:InvokeGuardrailChecks",
    resource: "*",
    region: sourceRegion,
  } as const;
  const denial = denialOf([leg], call, world);
  if (denial) return denial;
  if (!isObject(body)) return malformed();
  const { messages, checks } = body;
  if (!Array.isArray(messages) || messages.length === 0) {
    return invalidField("messages", "have length greater than or equal to 1");
  }
  if (!isObject(checks) || Object.keys(checks).length === 0) return invalidField("checks", "not be null");
  const text = messages.flatMap((message) => contentOf(message).map(contentText)).join("\n");
  const usage = { textUnits: Math.max(1, Math.ceil(text.length / 1_000)) };
  const results: Record<string, unknown> = {};
  for (const check of ["contentFilter", "promptAttack"]) {
    if (check in checks) results[check] = { results: scoresOf(checks[check]) };
  }
  if ("sensitiveInformation" in checks) results.sensitiveInformation = { results: [], truncated: false };
  return jsonResponse({
    results,
    usage: Object.fromEntries(Object.keys(results).map((check) => [check, usage])),
  });
}

const contentOf = (message: unknown): unknown[] =>
  isObject(message) && Array.isArray(message.content) ? message.content : [];

function scoresOf(check: unknown): { category: unknown; severityScore: number }[] {
  const categories = isObject(check) && Array.isArray(check.categories) ? check.categories : [];
  return categories.map((each) => ({ category: isObject(each) ? each.category : undefined, severityScore: 0 }));
}
