import { parseArn } from "../arn.js";
import type { Conclusion } from "../diagnose/evidence.js";
import type { PolicyStatement } from "../policy/edit.js";
import type { AuthorizationLeg, LegStage } from "../resolve/legs.js";

/** The two IAM actions that invoke a model. There is no `bedrock:Converse` (Service Authorization Reference, "Amazon Bedrock"). */
export const INVOKE_ACTIONS = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];

/** Where the reader has to put the Regions that the organization approves: we cannot know them. */
const APPROVED_REGIONS = "<approved-region>";

/**
 * Least privilege for exactly this call: a statement for each action on what is called directly, one for the inference
 * profile, and one for the models behind it, bound to that profile. The profile's own statement stays without a condition on `bedrock:InferenceProfileArn`, since the key
 * is absent there and a positive condition would never match (Amazon Bedrock User Guide, "Geographic cross-Region
 * inference" and "Global cross-Region inference").
 */
export function leastPrivilege(legs: readonly AuthorizationLeg[], sourceRegion: string): PolicyStatement[] {
  return [...forModel(legs, sourceRegion), ...additional(legs)];
}

/** What the call needs in addition to its model: one statement per action and kind of resource, without conditions. */
function additional(legs: readonly AuthorizationLeg[]): PolicyStatement[] {
  const groups = new Map<string, AuthorizationLeg[]>();
  for (const leg of legs) {
    const sid = SID[leg.stage]?.(leg);
    if (sid !== undefined) groups.set(sid, [...(groups.get(sid) ?? []), leg]);
  }
  return [...groups].map(([sid, group]) => allow(sid, group));
}

const SID: Partial<Record<LegStage, (leg: AuthorizationLeg) => string>> = {
  guardrail: ({ action }) => sidOf(action),
  "guardrail-profile": ({ action }) => sidOf(action),
  "system-tool": ({ action }) => sidOf(action),
  // bedrock:InvokeModel starts an asynchronous invocation, and GetAsyncInvoke and ListAsyncInvokes read it.
  "async-invoke": ({ action }) => (action === "bedrock:InvokeModel" ? "StartAsyncInvoke" : sidOf(action)),
  tag: () => "TagAsyncInvoke",
  s3: ({ action }) => sidOf(action),
  kms: ({ action }) => sidOf(action),
};

/** `bedrock:ApplyGuardrail` → `ApplyGuardrail`, `s3:GetObject` → `S3GetObject`: a Sid has letters and digits only. */
function sidOf(action: string): string {
  const [service = "", name = ""] = action.split(":");
  return service === "bedrock" ? name : `${service.toUpperCase()}${name}`;
}

function forModel(legs: readonly AuthorizationLeg[], sourceRegion: string): PolicyStatement[] {
  const direct = [...new Set(legs.filter(({ stage }) => stage === "model").map(({ action }) => action))].map((action) =>
    allow(
      INVOKE_ACTIONS.includes(action) ? "InvokeModel" : action.slice(action.indexOf(":") + 1),
      legs.filter((leg) => leg.stage === "model" && leg.action === action),
    ),
  );
  const profile = legs.filter(({ stage }) => stage === "profile");
  const models = legs.filter(({ stage }) => stage === "source-model" || stage === "destination-model");
  const global = legs.filter(({ stage }) => stage === "global-model");
  const bound = (more: AuthorizationLeg[]): Record<string, string> => {
    const arn = more[0]?.inferenceProfileArn;
    return arn === undefined ? {} : { "bedrock:InferenceProfileArn": arn };
  };
  const here: Record<string, string> = global.length > 0 ? { "aws:RequestedRegion": sourceRegion } : {};
  return [
    ...direct,
    ...(profile.length > 0 ? [allow("InvokeInferenceProfile", profile, here)] : []),
    ...(models.length > 0 ? [allow("InvokeModelThroughProfile", models, { ...here, ...bound(models) })] : []),
    ...(global.length > 0
      ? [allow("InvokeModelGlobally", global, { "aws:RequestedRegion": "unspecified", ...bound(global) })]
      : []),
  ];
}

/** An Allow of one action on one resource, for refusals that are not about a model. */
export function allowAction(action: string, resource: string): PolicyStatement {
  return {
    Effect: "Allow",
    Action: action,
    Resource: WITHOUT_RESOURCE_TYPES.has(action.toLowerCase()) ? "*" : resource,
  };
}

/**
 * Actions of the runtime that support no resource type. A statement with a resource other than `*` wouldn't apply to them
 * (Service Authorization Reference, "Amazon Bedrock").
 */
const WITHOUT_RESOURCE_TYPES: ReadonlySet<string> = new Set([
  "bedrock:callwithbearertoken",
  "bedrock:invokeguardrailchecks",
  "bedrock:listasyncinvokes",
]);

/**
 * The condition that lets calls through this geography's profiles past a Region deny. The key is absent when the
 * profile itself is evaluated and in direct calls, and a negated operator matches an absent key, so both stay denied in
 * every Region that is not approved (IAM User Guide, "Condition operators"; Amazon Bedrock User Guide, "Geographic
 * cross-Region inference").
 */
export function profileExemption(conclusion: Conclusion): Record<string, Record<string, string>> | undefined {
  const pattern = profilePattern(conclusion);
  return pattern === undefined ? undefined : { ArnNotLike: { "bedrock:InferenceProfileArn": pattern } };
}

/**
 * The statement to put beside a Region deny from which the invoke actions have been taken out. Resource is `*` so that
 * the profile, which carries the source Region, stays denied in Regions that are not approved. If the Deny is known, it
 * has the same conditions.
 */
export function reDenyInvoke(conclusion: Conclusion): PolicyStatement | undefined {
  const exemption = profileExemption(conclusion);
  if (exemption === undefined) return undefined;
  const condition: Record<string, Record<string, string | string[]>> = {};
  for (const { operator, key, policyValues } of conditionsOf(conclusion)) {
    condition[operator] = { ...condition[operator], [key]: policyValues };
  }
  const { ArnNotLike = {} } = exemption;
  for (const [key, pattern] of Object.entries(ArnNotLike)) {
    const known = Object.entries(condition.ArnNotLike ?? {}).find(([name]) => name.toLowerCase() === key.toLowerCase());
    const values = known ? [...known[1], pattern] : pattern;
    condition.ArnNotLike = { ...condition.ArnNotLike, [known?.[0] ?? key]: values };
  }
  return {
    Sid: "DenyBedrockInvokeOutsideApprovedRegions",
    Effect: "Deny",
    Action: [...INVOKE_ACTIONS, "bedrock:CreateModelInvocationJob"],
    Resource: "*",
    Condition: condition,
  };
}

/** The conditions of the Region deny, where its statement is known. */
function conditionsOf({ legs }: Conclusion) {
  const isRegion = (key: string) => key.toLowerCase() === "aws:requestedregion";
  const known = legs.find(({ conditions }) => conditions?.some(({ key }) => isRegion(key)));
  const unknown = { operator: "StringNotEquals", key: "aws:RequestedRegion", policyValues: [APPROVED_REGIONS] };
  return known?.conditions ?? [unknown];
}

/** All profiles of the same geography; for an application inference profile that one only, since its ARN tells no geography. */
function profilePattern({ legs }: Conclusion): string | undefined {
  const arn = legs.find(({ leg }) => leg.stage === "profile")?.leg.resource;
  const parts = arn === undefined ? undefined : parseArn(arn);
  if (arn === undefined || !parts) return undefined;
  if (!parts.resource.startsWith("inference-profile/")) return arn;
  const geography = parts.resource.slice("inference-profile/".length).split(".")[0];
  return `arn:${parts.partition}:bedrock:*:*:inference-profile/${geography}.*`;
}

function allow(sid: string, legs: AuthorizationLeg[], equals: Record<string, string> = {}): PolicyStatement {
  const resources = [...new Set(legs.map(({ resource }) => resource))];
  const [only = ""] = resources;
  return {
    Sid: sid,
    Effect: "Allow",
    Action: legs[0]?.action ?? "",
    Resource: resources.length === 1 ? only : resources,
    ...(Object.keys(equals).length > 0 ? { Condition: { StringEquals: equals } } : {}),
  };
}
