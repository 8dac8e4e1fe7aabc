/** The operations that the simulated Bedrock answers. */
export type SimulatedOperation =
  | "Converse"
  | "ConverseStream"
  | "InvokeModel"
  | "InvokeModelWithResponseStream"
  | "GetInferenceProfile"
  | "ListInferenceProfiles"
  | "GetFoundationModel"
  | "GetFoundationModelAvailability"
  | "GetUseCaseForModelAccess";

/** A request's operation and the id in its path. */
export interface Route {
  operation: SimulatedOperation;
  /** `modelId`, profile or model identifier; empty for lists. */
  id: string;
}

const INVOCATIONS: ReadonlyMap<string, SimulatedOperation> = new Map([
  ["converse", "Converse"],
  ["converse-stream", "ConverseStream"],
  ["invoke", "InvokeModel"],
  ["invoke-with-response-stream", "InvokeModelWithResponseStream"],
]);

/** Which operation a request is (Amazon Bedrock API Reference, each operation's "Request Syntax"). */
export function routeOf(method: string, pathname: string): Route | undefined {
  const parts = pathname.split("/").slice(1);
  const [collection, last] = [parts[0], parts.at(-1) ?? ""];
  if (method === "POST" && collection === "model" && parts.length >= 3) {
    const operation = INVOCATIONS.get(last);
    return operation && { operation, id: decoded(parts.slice(1, -1).join("/")) };
  }
  if (method !== "GET") return undefined;
  const id = decoded(parts.slice(1).join("/"));
  if (collection === "inference-profiles") {
    return { operation: id === "" ? "ListInferenceProfiles" : "GetInferenceProfile", id };
  }
  if (collection === "foundation-model-availability" && id !== "")
    return { operation: "GetFoundationModelAvailability", id };
  if (collection === "use-case-for-model-access") return { operation: "GetUseCaseForModelAccess", id: "" };
  if (collection === "foundation-models" && id !== "") return { operation: "GetFoundationModel", id };
  return undefined;
}

/** A path that isn't percent-encoded correctly is taken as it is: it then names nothing that exists. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
