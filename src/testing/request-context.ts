import type { ContextValue } from "../policy/language/context.js";

/** The network keys that are used if the test doesn't provide any: a public address, or a VPC endpoint. */
const PUBLIC_NETWORK: readonly [string, ContextValue][] = [["aws:sourceip", ["192.0.2.1"]]];
const ENDPOINT: readonly [string, ContextValue][] = [
  ["aws:sourcevpce", ["vpce-0a1b2c3d4e5f67890"]],
  ["aws:sourcevpc", ["vpc-0a1b2c3d4e5f67890"]],
  ["aws:vpcsourceip", ["10.0.0.1"]],
];

/** The information about a simulated request that its context is built from. */
export interface RequestFacts {
  /** The context keys that the principal's definition provides, in lower case. */
  context: ReadonlyMap<string, ContextValue>;
  /** True if the requests go through a VPC endpoint. */
  hasEndpoint: boolean;
  /** `aws:userid`, as GetCallerIdentity returns it. */
  userId: string;
  /** The time when temporary credentials were issued, and the time of the request, in milliseconds since 1970. */
  issuedAt: number | undefined;
  now: number;
  userAgent: string | undefined;
}

/**
 * Returns the context of one request: the keys that AWS always sends (IAM User Guide, "AWS global condition context
 * keys"), and the keys that the principal's definition provides, which take precedence.
 */
export function contextOf(facts: RequestFacts): Map<string, ContextValue> {
  const { context, hasEndpoint, userId, issuedAt, now, userAgent } = facts;
  const isStated = ([key]: readonly [string, ContextValue]) => (context.get(key) ?? null) !== null;
  const isThroughEndpoint = ENDPOINT.some(isStated) || (hasEndpoint && !PUBLIC_NETWORK.some(isStated));
  const [present, absent] = isThroughEndpoint ? [ENDPOINT, PUBLIC_NETWORK] : [PUBLIC_NETWORK, ENDPOINT];
  return new Map<string, ContextValue>([
    ["aws:currenttime", [dateOf(now)]],
    ["aws:epochtime", [String(Math.floor(now / 1_000))]],
    ["aws:tokenissuetime", issuedAt === undefined ? null : [dateOf(issuedAt)]],
    ["aws:userid", [userId]],
    ["aws:useragent", [userAgent ?? ""]],
    ...present,
    ...absent.map(([key]): [string, ContextValue] => [key, null]),
    ...context,
  ]);
}

/** Formats a time as ISO 8601 without fractions of a second, as AWS does. */
const dateOf = (ms: number) => new Date(Math.floor(ms / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
