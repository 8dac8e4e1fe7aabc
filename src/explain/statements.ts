import { parseArn } from "../arn.js";
import {
  type AuthorizationLeg,
  INFERENCE_ACTIONS,
  INVOKE_ACTIONS,
  isModelLeg,
  isRegionKey,
  type LegStage,
  PROFILE_KEY_NAME,
} from "../authorization.js";
import { defined } from "../defined.js";
import type { Conclusion } from "../diagnosis.js";
import { isNegated } from "../policy/language/condition/condition.js";
import type { PolicyStatement } from "../policy/remedies/edit.js";

/** A placeholder for the Regions that the organization approves. The library can't determine them. */
const APPROVED_REGIONS = "<approved-region>";

/**
 * Returns the least privilege for exactly this call. There is a statement for each action on what is called directly,
 * and one for the inference profile. There is one for the models behind it, limited to that profile, and one for each
 * other action. The profile's own statement has no condition on `bedrock:InferenceProfileArn`. The key is absent there,
 * so a positive condition would never match (Amazon Bedrock User Guide, "Geographic cross-Region inference" and "Global
 * cross-Region inference").
 *
 * @param isComplete false if the profile's models are unknown, or the Regions that they are in. The statement for them
 *   then has wildcards. The condition limits it to the profile.
 */
export function leastPrivilege(
  legs: readonly AuthorizationLeg[],
  sourceRegion: string,
  isComplete = true,
): PolicyStatement[] {
  const routed = legs.filter((leg) => isModelLeg(leg) && leg.stage !== "model");
  const profileArn = routed.map(profileArnOfLeg).find((arn) => arn !== undefined);
  const throughProfile =
    isComplete || profileArn === undefined
      ? throughKnownModels(routed, sourceRegion)
      : throughUnknownModels(routed, profileArn);
  return [...direct(legs), ...throughProfile, ...additional(legs)];
}

/**
 * Returns statements for what the call needs in addition to its model: one per action and kind of resource, without
 * conditions.
 */
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

/**
 * Converts `bedrock:ApplyGuardrail` to `ApplyGuardrail`, and `s3:GetObject` to `S3GetObject`. A Sid contains only
 * letters and digits.
 */
function sidOf(action: string): string {
  const [service = "", name = ""] = action.split(":");
  return service === "bedrock" ? name : `${service.toUpperCase()}${name}`;
}

/** Returns statements for what is called without a profile, one per action. */
function direct(legs: readonly AuthorizationLeg[]): PolicyStatement[] {
  const models = legs.filter(({ stage }) => stage === "model");
  return [...new Set(models.map(({ action }) => action))].map((action) =>
    allow(
      INVOKE_ACTIONS.includes(action) ? "InvokeModel" : sidOf(action),
      models.filter((leg) => leg.action === action),
    ),
  );
}

function throughKnownModels(legs: readonly AuthorizationLeg[], sourceRegion: string): PolicyStatement[] {
  const profile = legs.filter(({ stage }) => stage === "profile");
  const models = legs.filter(({ stage }) => stage === "source-model" || stage === "destination-model");
  const global = legs.filter(({ stage }) => stage === "global-model");
  const bound = (more: AuthorizationLeg[]) => defined({ [PROFILE_KEY_NAME]: more[0]?.inferenceProfileArn });
  const here: Record<string, string> = global.length > 0 ? { "aws:RequestedRegion": sourceRegion } : {};
  return [
    ...(profile.length > 0 ? [allow("InvokeInferenceProfile", profile, here)] : []),
    ...(models.length > 0 ? [allow("InvokeModelThroughProfile", models, { ...here, ...bound(models) })] : []),
    ...(global.length > 0
      ? [allow("InvokeModelGlobally", global, { "aws:RequestedRegion": "unspecified", ...bound(global) })]
      : []),
  ];
}

/**
 * Returns statements for the profile, and for its models in all Regions. `*` also matches the empty Region of global
 * routing.
 */
function throughUnknownModels(legs: readonly AuthorizationLeg[], profileArn: string): PolicyStatement[] {
  const profile = legs.filter(({ stage }) => stage === "profile");
  const [first] = legs;
  const parts = parseArn(profileArn);
  if (first === undefined || !parts) return [];
  const known = legs
    .filter(({ stage }) => stage !== "profile")
    .map(({ resource }) => resource.split(":foundation-model/")[1]);
  const models = known.length > 0 ? [...new Set(known)] : ["*"];
  const wildcards = models.map((id) => ({
    ...first,
    resource: `arn:${parts.partition}:bedrock:*::foundation-model/${id}`,
  }));
  return [
    ...(profile.length > 0 ? [allow("InvokeInferenceProfile", profile)] : []),
    allow("InvokeModelThroughProfile", wildcards, { [PROFILE_KEY_NAME]: profileArn }),
  ];
}

const profileArnOfLeg = ({ stage, resource, inferenceProfileArn }: AuthorizationLeg) =>
  inferenceProfileArn ?? (stage === "profile" ? resource : undefined);

/** Allows one action on one resource, for denials that aren't about a model. */
export function allowAction(action: string, resource: string): PolicyStatement {
  return {
    Effect: "Allow",
    Action: action,
    Resource: WITHOUT_RESOURCE_TYPES.has(action.toLowerCase()) ? "*" : resource,
  };
}

/**
 * Actions of the runtime that support no resource type. A statement with a resource other than `*` wouldn't apply to
 * them (Service Authorization Reference, "Amazon Bedrock").
 */
const WITHOUT_RESOURCE_TYPES: ReadonlySet<string> = new Set([
  "bedrock:callwithbearertoken",
  "bedrock:invokeguardrailchecks",
  "bedrock:listasyncinvokes",
]);

/**
 * Returns the condition that exempts calls through this geography's profiles from a Region deny. The key is absent in
 * direct calls, and when the profile itself is evaluated. A negated operator matches an absent key, so both stay denied
 * in every Region that isn't approved (IAM User Guide, "Condition operators"; Amazon Bedrock User Guide, "Geographic
 * cross-Region inference").
 */
export function profileExemption(conclusion: Conclusion): Record<string, Record<string, string>> | undefined {
  const pattern = profilePattern(conclusion);
  return pattern === undefined ? undefined : { ArnNotLike: { [PROFILE_KEY_NAME]: pattern } };
}

/**
 * Returns the statement that denies the invoke actions again after they were added to the exceptions of a Region deny.
 * Resource is `*` so that the profile, which is evaluated in the source Region, stays denied in Regions that aren't
 * approved. If the Deny is known, the statement has the same conditions. Undefined if the Deny lists the denied
 * Regions, because the statement would then leave every other Region open.
 */
export function reDenyInvoke(conclusion: Conclusion): PolicyStatement | undefined {
  const exemption = profileExemption(conclusion);
  const conditions = conditionsOf(conclusion);
  const isDenyList = conditions.some(({ operator, key }) => isRegionKey(key) && !isNegated(operator));
  if (exemption === undefined || isDenyList) return undefined;
  const condition: Record<string, Record<string, string | string[]>> = {};
  for (const { operator, key, policyValues } of conditions) {
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
    Action: [...INFERENCE_ACTIONS],
    Resource: "*",
    Condition: condition,
  };
}

/** Returns the conditions of the Region deny, if its statement is known. */
function conditionsOf({ legs }: Conclusion) {
  const known = legs.find(({ conditions }) => conditions?.some(({ key }) => isRegionKey(key)));
  const unknown = { operator: "StringNotEquals", key: "aws:RequestedRegion", policyValues: [APPROVED_REGIONS] };
  return known?.conditions ?? [unknown];
}

/**
 * Returns all profiles of the same geography. For an application inference profile, returns only that one, because its
 * ARN doesn't show a geography.
 */
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
