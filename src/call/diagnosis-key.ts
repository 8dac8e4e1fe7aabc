import type { DiagnosedCall } from "../diagnose/diagnosed-call.js";
import type { ParsedRefusal } from "../refusal/parse.js";

/**
 * Returns a key for everything that a diagnosis depends on. Calls with the same key share one diagnosis.
 *
 * @param who distinguishes callers: the principal, or its credentials
 */
export function diagnosisKey(call: DiagnosedCall, who: string, refusal: ParsedRefusal): string {
  const { operation, modelId, sourceRegion, regionFrom, facts } = call;
  return JSON.stringify([operation, modelId, sourceRegion, regionFrom, facts, who, ...denialKey(refusal)]);
}

/**
 * Everything that a diagnosis reads from a denial: its message, without the IDs that AWS adds. `who` can't distinguish
 * callers if their credentials can't be determined. What the message shows of its caller then still does.
 */
function denialKey({ raw, ...refusal }: ParsedRefusal) {
  const { kind, sentence, principal, action, resource, errorName, requestId, confidence } = refusal;
  const response = [errorName, requestId !== undefined, confidence];
  if (action === undefined || resource === undefined) return [...response, raw];
  const { policyType, policyArn, denyKind } = refusal;
  return [...response, kind, sentence, principal, action, resource, policyType, policyArn, denyKind];
}
