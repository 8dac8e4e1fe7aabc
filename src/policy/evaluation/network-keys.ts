import type { ContextValue } from "../language/context.js";

const SOURCE_IP = "aws:sourceip";
const OF_ENDPOINTS = ["aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip"];

/**
 * Every request has `aws:SourceIp`, unless it goes through a VPC endpoint. Such a request can have the other three
 * keys.
 */
export const NETWORK_KEYS: ReadonlySet<string> = new Set([SOURCE_IP, ...OF_ENDPOINTS]);

/**
 * Returns what the application's context shows about a network key that it doesn't contain. `aws:SourceIp` is in the
 * request unless it goes through a VPC endpoint, and the other keys are only in a request that does (IAM User Guide,
 * "AWS global condition context keys"). If a key of one kind is present, keys of the other kind are absent. If a key of
 * one kind is absent, that doesn't show that another is present.
 */
export function networkValue(key: string, context: ReadonlyMap<string, ContextValue>): ContextValue {
  const others = key === SOURCE_IP ? OF_ENDPOINTS : [SOURCE_IP];
  return others.some((other) => isPresent(context.get(other))) ? null : undefined;
}

const isPresent = (value: ContextValue): boolean =>
  value !== undefined && value !== null && ("oneOf" in value || value.length > 0);
