/**
 * The operations that the simulated Bedrock supports, with their requests (Amazon Bedrock API Reference, each
 * operation's "Request Syntax"). `*` is an ID.
 */
export const REQUESTS = {
  Converse: ["POST", "/model/*/converse"],
  ConverseStream: ["POST", "/model/*/converse-stream"],
  InvokeModel: ["POST", "/model/*/invoke"],
  InvokeModelWithResponseStream: ["POST", "/model/*/invoke-with-response-stream"],
  CountTokens: ["POST", "/model/*/count-tokens"],
  StartAsyncInvoke: ["POST", "/async-invoke"],
  GetAsyncInvoke: ["GET", "/async-invoke/*"],
  ListAsyncInvokes: ["GET", "/async-invoke"],
  ApplyGuardrail: ["POST", "/guardrail/*/apply"],
  InvokeGuardrailChecks: ["POST", "/guardrail-checks/invoke"],
  GetInferenceProfile: ["GET", "/inference-profiles/*"],
  ListInferenceProfiles: ["GET", "/inference-profiles"],
  GetFoundationModel: ["GET", "/foundation-models/*"],
  GetFoundationModelAvailability: ["GET", "/foundation-model-availability/*"],
  GetUseCaseForModelAccess: ["GET", "/use-case-for-model-access"],
  GetAccountDataRetention: ["GET", "/data-retention"],
  PutAccountDataRetention: ["PUT", "/data-retention"],
  ListEnforcedGuardrailsConfiguration: ["GET", "/enforcedGuardrailsConfiguration"],
} as const satisfies Record<string, readonly [method: string, path: string]>;

/** The operations that the simulated Bedrock supports. */
export type SimulatedOperation = keyof typeof REQUESTS;

/** A request's operation and the ID in its path. */
export interface Route {
  operation: SimulatedOperation;
  /** `modelId`, or the identifier of a profile, model, guardrail, or invocation. Empty for operations without one. */
  id: string;
  /** A guardrail's version. */
  version?: string;
}

const REQUEST_FORMS = Object.entries(REQUESTS) as [SimulatedOperation, readonly [string, string]][];

/** Returns the operation of a request, or undefined if it isn't supported. */
export function routeOf(method: string, pathname: string): Route | undefined {
  const path = pathname.replace(/(?<=.)\/$/, "");
  for (const [operation, [wanted, template]] of REQUEST_FORMS) {
    const id = method === wanted ? idInPath(path, template) : undefined;
    if (id === undefined) continue;
    if (operation !== "ApplyGuardrail") return { operation, id: decodedPath(id) };
    const at = id.lastIndexOf("/version/");
    if (at > 0) return { operation, id: decodedPath(id.slice(0, at)), version: decodedPath(id.slice(at + 9)) };
  }
  return undefined;
}

/**
 * Returns the part of a path that `*` stands for, or an empty string if there is none. An ID that isn't encoded may
 * contain slashes.
 */
function idInPath(path: string, template: string): string | undefined {
  const [start = "", end] = template.split("*");
  if (end === undefined) return path === start ? "" : undefined;
  const isLongEnough = path.length >= start.length + end.length + (end === "" ? 1 : 0);
  return isLongEnough && path.startsWith(start) && path.endsWith(end)
    ? path.slice(start.length, path.length - end.length)
    : undefined;
}

/** A path that isn't percent-encoded correctly is used unchanged. It then doesn't match any existing resource. */
function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
