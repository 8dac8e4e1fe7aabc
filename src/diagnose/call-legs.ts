import { isAccount, parseArn } from "../arn.js";
import { type AuthorizationLeg, takesModel } from "../authorization.js";
import { parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { type CallContext, callContext, withCallContext } from "../resolve/call-context.js";
import type { LeftOut } from "../resolve/call-facts.js";
import { callNeeds, isOtherAccounts } from "../resolve/call-needs.js";
import { isGuardrailArn } from "../resolve/guardrail-arn.js";
import { guardrailArnOf } from "../resolve/guardrail-needs.js";
import { authorizationLegs } from "../resolve/legs.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import type { RefusedCall } from "./refused-call.js";

/** What a call is authorized on, as far as that is known. */
export interface CallAuthorizations {
  legs: AuthorizationLeg[];
  /** What isn't covered by the legs. */
  leftOut: LeftOut[];
  /** The legs whose resource belongs to another account. */
  foreign: AuthorizationLeg[];
  context: CallContext;
}

/**
 * Returns the legs of a call: those of its model, as far as its profile is known, and what it needs in addition. Empty
 * if the call doesn't show what it invokes, or from which Region.
 */
export function authorizationsOf(
  call: RefusedCall,
  refusal: ParsedRefusal | undefined,
  principalArn: string | undefined,
  profile: InferenceProfile | undefined,
): CallAuthorizations {
  const { operation, modelId, sourceRegion, reference, facts } = call;
  const accountId = accountOf(principalArn, refusal, call);
  const context = callContext(facts, reference, includedGuardrail(call, accountId));
  const isEmpty = sourceRegion === "unknown" || (modelId === "" && takesModel(operation));
  if (isEmpty) return { legs: [], leftOut: [], foreign: [], context };
  const own = {
    operation,
    modelId,
    sourceRegion,
    ...(accountId ? { accountId } : {}),
    ...(profile ? { profile } : {}),
  };
  const ofModel = takesModel(operation) ? authorizationLegs(own) : [];
  const needs = callNeeds({ ...call, accountId });
  const legs = withCallContext([...ofModel, ...needs.legs], context);
  const foreign = legs.filter(({ resource }) => isOtherAccounts(resource, accountId));
  return { legs, leftOut: needs.leftOut, foreign, context };
}

/**
 * Returns the ARN of the request's guardrail. An ID refers to a guardrail of the caller's account, which may be
 * unknown.
 */
function includedGuardrail({ facts, sourceRegion }: RefusedCall, accountId: string | undefined): string | undefined {
  const { identifier } = facts?.guardrail ?? {};
  if (identifier === undefined || (accountId === undefined && !isGuardrailArn(identifier))) return undefined;
  return guardrailArnOf(identifier, { sourceRegion, accountId });
}

/**
 * Returns the caller's own account. Every profile's ARN contains it, even a system-defined one's (Service Authorization
 * Reference, "Amazon Bedrock").
 */
function accountOf(
  principalArn: string | undefined,
  refusal: ParsedRefusal | undefined,
  call: RefusedCall,
): string | undefined {
  const { accountId } = principalArn === undefined ? {} : parsePrincipal(principalArn);
  if (accountId) return accountId;
  // A guardrail or a key may belong to another account.
  const { accountId: inResource = "", resource = "" } = parseArn(refusal?.resource ?? "") ?? {};
  if (isAccount(inResource) && resource.includes("inference-profile/")) return inResource;
  return "accountId" in call.reference ? call.reference.accountId : undefined;
}
