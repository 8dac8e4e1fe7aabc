import { lastSegment, parseArn } from "../arn.js";
import type { Conclusion } from "../diagnosis.js";

/** What is known about the guardrail of a denial. */
export interface DeniedGuardrail {
  /** ARN of the guardrail, or of its guardrail profile. */
  arn?: string;
  /** `sent`: the call sends it. `not-sent`: the call sends none, or another one. */
  origin: "sent" | "not-sent" | "unknown";
  /** The account that owns it, if it isn't the caller's. */
  otherAccount?: string;
}

/** Compares the guardrail in AWS's message with the one that the call sent. */
export function deniedGuardrail({ refusal, guardrail, principal }: Conclusion): DeniedGuardrail {
  const arn = refusal?.resource === undefined ? undefined : parseArn(refusal.resource);
  if (refusal?.resource === undefined || arn === undefined) return { origin: "unknown" };
  const isOther =
    principal?.accountId !== undefined && /^\d+$/.test(arn.accountId) && arn.accountId !== principal.accountId;
  return {
    arn: refusal.resource,
    origin: originOf(refusal.resource, guardrail),
    ...(isOther ? { otherAccount: arn.accountId } : {}),
  };
}

function originOf(resource: string, guardrail: string | null | undefined): DeniedGuardrail["origin"] {
  if (guardrail === undefined) return "unknown";
  if (guardrail === null) return "not-sent";
  const [sent, denied] = [parseArn(guardrail), parseArn(resource)];
  // A guardrail profile doesn't show which guardrail it belongs to.
  if (denied?.resource.startsWith("guardrail-profile/")) return "unknown";
  const isSameAccount = sent === undefined || sent.accountId === denied?.accountId;
  return isSameAccount && idOf(guardrail) === idOf(resource) ? "sent" : "not-sent";
}

/** Returns the ID, without the version that a resource may end with. */
const idOf = (guardrail: string) => lastSegment(guardrail).split(":")[0];
