import type { Decision } from "../policy/evaluate.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import type { Route, SimulatedOperation } from "./operations.js";
import type { OrganizationsOperation } from "./organizations.js";
import type { QueryOperation } from "./query-protocol.js";

/** One request as it reached the simulated Bedrock. Credentials are not kept. */
export interface RecordedRequest {
  /** `unknown` for a path that Bedrock does not have. */
  operation: SimulatedOperation | OrganizationsOperation | QueryOperation | "unknown";
  modelId: string;
  sourceRegion: string;
  body: unknown;
  /** `HTTP/1.1` or `HTTP/2.0` through the loopback server. */
  protocol: string | undefined;
  headers: Record<string, string>;
  /** Who called. */
  principal: string;
  /** What was evaluated, in order; evaluation ends with the first refused leg, and with what refused it. */
  legs: { leg: AuthorizationLeg; allowed: boolean; decidedBy?: Decision }[];
}

/** The request, before anything is known of its answer; its credentials are left out. */
export function record(
  request: Request,
  route: Route | undefined,
  sourceRegion: string,
  body: unknown,
  principal: string,
): RecordedRequest {
  const headers = Object.fromEntries(request.headers);
  const protocol = headers["x-simulated-protocol"];
  for (const name of ["authorization", "x-amz-security-token", "x-simulated-protocol"]) delete headers[name];
  const modelId = route?.id ?? "";
  return {
    operation: route?.operation ?? "unknown",
    modelId,
    sourceRegion,
    body,
    protocol,
    headers,
    principal,
    legs: [],
  };
}

/** Undefined for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
