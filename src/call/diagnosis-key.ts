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

/** Everything that a denial contains: its message, without the ID that newer messages end with. */
function denialKey(refusal: ParsedRefusal) {
  const { raw, kind, action, resource, policyType, policyArn, denyKind, errorName, requestId } = refusal;
  if (action === undefined || resource === undefined) return [errorName, raw, requestId !== undefined];
  return [errorName, kind, action, resource, policyType, policyArn, denyKind];
}
