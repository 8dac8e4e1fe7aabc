import type { AuthorizationLeg } from "../authorization.js";
import { defined } from "../defined.js";
import type { SimulatedCall, World } from "./call.js";
import { iamSentence, matchesLeg, SIMULATED_SENTENCES } from "./refusals.js";
import { errorResponse } from "./responses.js";
import type { AlsoEvaluated } from "./virtual-organization.js";

/**
 * Evaluates the legs in order, as Bedrock does. Returns the denial of the first leg that isn't allowed, or undefined if
 * all are allowed.
 */
export function denialOf(
  legs: readonly AuthorizationLeg[],
  { route, recorded, authorizer: { principal, blocks } }: Pick<SimulatedCall, "route" | "recorded" | "authorizer">,
  { legDenials }: Pick<World, "legDenials">,
  also: AlsoEvaluated = {},
): Response | undefined {
  for (const leg of legs) {
    const scripted = legDenials.take((refusal) => matchesLeg(refusal, leg, route.id));
    const decidedBy = scripted ? undefined : blocks(leg, { userAgent: recorded.headers["user-agent"], ...also });
    const denial = scripted ?? decidedBy;
    recorded.legs.push(defined({ leg, allowed: denial === undefined, decidedBy }));
    if (denial)
      return errorResponse(403, "AccessDeniedException", { Message: iamSentence(principal.arn, leg, denial) });
  }
  return undefined;
}

/** Returns one of AWS's fixed sentences, if the test scripted one for this model. */
export function scriptedDenialOf(modelId: string, { kindDenials }: Pick<World, "kindDenials">): Response | undefined {
  const refusal = kindDenials.take((each) => (each.modelId ?? modelId) === modelId);
  if (refusal === undefined) return undefined;
  const [status, name, message] = SIMULATED_SENTENCES[refusal.kind];
  return errorResponse(status, name, { message });
}
