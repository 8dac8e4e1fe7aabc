import { isAccount, parseArn } from "../arn.js";
import { asciiLower } from "../ascii.js";
import { type AuthorizationLeg, COUNT_TOKENS_ACTION, INVOKE_ACTIONS, takesModel } from "../authorization.js";
import { defined } from "../defined.js";
import type { Principal } from "../principal.js";
import { type CallContext, callContext, withCallContext } from "../resolve/call-context.js";
import type { LeftOut } from "../resolve/call-facts.js";
import { callNeeds, isOtherAccounts } from "../resolve/call-needs.js";
import { isGuardrailArn } from "../resolve/guardrail-arn.js";
import { guardrailArnOf } from "../resolve/guardrail-needs.js";
import { authorizationLegs } from "../resolve/legs.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import { type DiagnosedCall, UNKNOWN_OPERATION } from "./diagnosed-call.js";
import type { Question } from "./question.js";

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
  question: Question,
  caller: Principal | undefined,
  profile: InferenceProfile | undefined,
): CallAuthorizations {
  const { call } = question;
  const { modelId, sourceRegion, reference, facts } = call;
  const operation = operationFor(question);
  const accountId = callerAccount(question, caller);
  const context = callContext(facts, reference, includedGuardrail(call, accountId));
  const isEmpty = sourceRegion === "unknown" || (modelId === "" && takesModel(operation));
  if (isEmpty) return { legs: [], leftOut: [], foreign: [], context };
  const own = { operation, modelId, sourceRegion, ...defined({ accountId, profile }) };
  const ofModel = takesModel(operation) ? authorizationLegs(own) : [];
  const needs = callNeeds({ ...call, operation, accountId });
  const legs = withCallContext([...ofModel, ...needs.legs], context);
  const foreign = legs.filter(({ resource }) => isOtherAccounts(resource, accountId));
  return { legs, leftOut: needs.leftOut, foreign, context };
}

/**
 * Returns the operation. If it isn't known, an operation with the denied action has the same legs of the model.
 */
function operationFor({ call, refusal }: Question): string {
  if (call.operation !== UNKNOWN_OPERATION || refusal?.action === undefined) return call.operation;
  const action = asciiLower(refusal.action);
  const invoking = [...INVOKE_ACTIONS, COUNT_TOKENS_ACTION].find((each) => asciiLower(each) === action);
  return invoking?.slice("bedrock:".length) ?? call.operation;
}

/**
 * Returns the ARN of the request's guardrail. An ID refers to a guardrail of the caller's account, which may be
 * unknown.
 */
function includedGuardrail({ facts, sourceRegion }: DiagnosedCall, accountId: string | undefined): string | undefined {
  const { identifier } = facts?.guardrail ?? {};
  if (identifier === undefined || (accountId === undefined && !isGuardrailArn(identifier))) return undefined;
  return guardrailArnOf(identifier, { sourceRegion, accountId });
}

/**
 * Returns the caller's own account. Every profile's ARN contains it, even a system-defined one's (Service Authorization
 * Reference, "Amazon Bedrock").
 */
function callerAccount({ call, refusal }: Question, caller: Principal | undefined): string | undefined {
  if (caller?.accountId) return caller.accountId;
  // A guardrail or a key may belong to another account.
  const { accountId: inResource = "", resource = "" } = parseArn(refusal?.resource ?? "") ?? {};
  if (isAccount(inResource) && resource.includes("inference-profile/")) return inResource;
  return "accountId" in call.reference ? call.reference.accountId : undefined;
}
