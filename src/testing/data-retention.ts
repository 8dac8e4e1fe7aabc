import { denialOf } from "./authorization.js";
import type { SimulatedCall, World } from "./call.js";
import { invalidField, isObject, jsonResponse } from "./responses.js";
import { MODES } from "./retention-settings.js";

/** Answers GetAccountDataRetention and PutAccountDataRetention. */
export function answerDataRetention(call: SimulatedCall, world: World): Response {
  const { route, accountId, sourceRegion, body } = call;
  const mode = isObject(body) ? body.mode : undefined;
  const leg = { stage: "model", action: `bedrock:${route.operation}`, resource: "*", region: sourceRegion } as const;
  const context = new Map(typeof mode === "string" ? [["bedrock:dataretentionmode", [mode]]] : []);
  const denial = denialOf([leg], call, world, { context });
  if (denial) return denial;
  if (route.operation === "GetAccountDataRetention")
    return jsonResponse(world.dataRetention.of(accountId, sourceRegion));
  const wanted = MODES.find((known) => known === mode);
  if (wanted === undefined) return invalidField("mode", `satisfy enum value set: [${MODES.join(", ")}]`);
  return jsonResponse(world.dataRetention.set(accountId, sourceRegion, wanted));
}
