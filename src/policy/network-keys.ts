import type { ContextValue } from "./context.js";

const SOURCE_IP = "aws:sourceip";
const OF_ENDPOINTS = ["aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip"];

/** Every request has `aws:SourceIp`, or it goes through a VPC endpoint and may have the other three. */
export const NETWORK_KEYS: ReadonlySet<string> = new Set([SOURCE_IP, ...OF_ENDPOINTS]);

/**
 * What the application's context shows of a network key that it doesn't contain. `aws:SourceIp` is in the request unless
 * it goes through a VPC endpoint, and the others are only in a request that does (IAM User Guide, "AWS global condition
 * context keys"). So either kind excludes the other. That one is absent doesn't show that another is present.
 */
export function networkValue(key: string, context: ReadonlyMap<string, ContextValue>): ContextValue {
  const others = key === SOURCE_IP ? OF_ENDPOINTS : [SOURCE_IP];
  return others.some((other) => isPresent(context.get(other))) ? null : undefined;
}

const isPresent = (value: ContextValue): boolean =>
  value !== undefined && value !== null && ("oneOf" in value || value.length > 0);
