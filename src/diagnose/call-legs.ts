import { parseArn } from "../arn.js";
import { parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { type AuthorizationLeg, authorizationLegs } from "../resolve/legs.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import type { RefusedCall } from "./refused-call.js";

/** The legs of a call, as far as its profile is known; none where the call does not show what it invokes, or from where. */
export function legsOf(
  call: RefusedCall,
  refusal: ParsedRefusal | undefined,
  principalArn: string | undefined,
  profile: InferenceProfile | undefined,
): AuthorizationLeg[] {
  if (call.sourceRegion === "unknown" || call.modelId === "") return [];
  const accountId = accountOf(principalArn, refusal, call);
  return authorizationLegs({
    operation: call.operation,
    modelId: call.modelId,
    sourceRegion: call.sourceRegion,
    ...(accountId === undefined ? {} : { accountId }),
    ...(profile ? { profile } : {}),
  });
}

/** The caller's own account: the one in a profile's ARN, also a system-defined one (Service Authorization Reference, "Amazon Bedrock"). */
function accountOf(
  principalArn: string | undefined,
  refusal: ParsedRefusal | undefined,
  call: RefusedCall,
): string | undefined {
  const { accountId } = principalArn === undefined ? {} : parsePrincipal(principalArn);
  if (accountId) return accountId;
  const inResource = refusal?.resource === undefined ? undefined : parseArn(refusal.resource)?.accountId;
  if (inResource && /^\d{12}$/.test(inResource)) return inResource;
  return "accountId" in call.reference ? call.reference.accountId : undefined;
}
