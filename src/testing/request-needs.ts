import { buildArn, partitionOfRegion } from "../arn.js";
import type { AuthorizationLeg } from "../authorization.js";
import type { SimulatedCall } from "./call.js";
import { isObject } from "./responses.js";

/**
 * The legs of the system tools that a request includes (Service Authorization Reference, "Amazon Bedrock":
 * `InvokeTool`; Amazon Nova User Guide, "Web Grounding": `aws:RequestedRegion` is `unspecified`).
 */
export function systemToolLegs({ body, sourceRegion, accountId }: SimulatedCall): AuthorizationLeg[] {
  const config = isObject(body) ? body.toolConfig : undefined;
  const tools = isObject(config) && Array.isArray(config.tools) ? config.tools : [];
  const partition = partitionOfRegion(sourceRegion);
  return tools.flatMap((tool): AuthorizationLeg[] => {
    const name = isObject(tool) && isObject(tool.systemTool) ? tool.systemTool.name : undefined;
    if (typeof name !== "string") return [];
    const resource = `system-tool/amazon.${name}`;
    return [
      {
        stage: "system-tool",
        action: "bedrock:InvokeTool",
        resource: buildArn({ partition, service: "bedrock", region: "", accountId, resource }),
        region: "unspecified",
      },
    ];
  });
}

/**
 * Returns `bedrock:ServiceTier` if the request has a service tier. It's in the body of Converse, and in a header of
 * InvokeModel.
 */
export function serviceTierContext({ body, recorded: { headers } }: SimulatedCall): Map<string, string[]> {
  const provided = isObject(body) && isObject(body.serviceTier) ? body.serviceTier.type : undefined;
  const tier = provided ?? headers["x-amzn-bedrock-service-tier"];
  return typeof tier === "string" ? new Map([["bedrock:servicetier", [tier]]]) : new Map();
}

/** The legs of the Amazon S3 objects that the messages refer to. Bedrock reads them on the caller's behalf. */
export function s3Legs({ body, sourceRegion }: SimulatedCall): AuthorizationLeg[] {
  const messages = isObject(body) && Array.isArray(body.messages) ? body.messages : [];
  const partition = partitionOfRegion(sourceRegion);
  return urisIn(messages).map((uri) => ({
    stage: "s3",
    action: "s3:GetObject",
    resource: `arn:${partition}:s3:::${uri.slice("s3://".length)}`,
    region: sourceRegion,
  }));
}

function urisIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(urisIn);
  if (!isObject(value)) return [];
  const { s3Location, ...others } = value;
  const uri = isObject(s3Location) ? s3Location.uri : undefined;
  return [
    ...(typeof uri === "string" && uri.startsWith("s3://") ? [uri] : []),
    ...Object.values(others).flatMap(urisIn),
  ];
}

/** The keys of a request that Bedrock makes on the caller's behalf (IAM User Guide, "Forward access sessions"). */
export const ON_BEHALF: ReadonlyMap<string, string[]> = new Map([
  ["aws:viaawsservice", ["true"]],
  ["aws:calledvia", ["bedrock.amazonaws.com"]],
  ["aws:calledviafirst", ["bedrock.amazonaws.com"]],
  ["aws:calledvialast", ["bedrock.amazonaws.com"]],
]);
