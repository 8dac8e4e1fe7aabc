import { buildArn, isAccount, UNSPECIFIED_REGION } from "../../arn.js";
import type { AuthorizationLeg, LegStage } from "../../authorization.js";
import type { EvaluationContext } from "../evaluation/evaluate.js";
import { type AuthorizationRequest, callerOf, requestOf } from "../evaluation/request.js";
import type { Vocabulary } from "./vocabulary.js";

/** What an edit may allow in addition to the call. */
export type Opening =
  /** Another model, through these or other profiles, or directly. */
  | "other-model"
  /** Another inference profile of the called model, such as an application inference profile. */
  | "other-profile"
  /** The same call by another principal. */
  | "other-principal"
  | "direct-call"
  /** A call that starts in another Region. */
  | "other-source-region"
  | "other-geography"
  | "global-routing"
  /**
   * Another action of Amazon Bedrock: streaming, batch inference, agents, customization, and any action that the
   * policies contain.
   */
  | "other-bedrock-action"
  | "other-service";

/** A request that isn't part of the call, and how it differs from the call. */
export interface Guard {
  differs: Opening[];
  request: AuthorizationRequest;
}

const GEOGRAPHIES = ["us", "eu", "apac", "jp", "au", "global"];

/** Regions that no call uses: a distant one on each side. */
const FAR = ["sa-east-1", "ap-south-1"];

const BEDROCK_ACTIONS = [
  "bedrock:InvokeModel",
  "bedrock:InvokeModelWithResponseStream",
  "bedrock:CreateModelInvocationJob",
  "bedrock:InvokeAgent",
  "bedrock:CreateModelCustomizationJob",
  "bedrock:CreateProvisionedModelThroughput",
];
const OTHER_SERVICES: [action: string, resource: (region: string, account: string) => string][] = [
  ["ec2:RunInstances", (region, account) => `arn:aws:ec2:${region}:${account}:instance/*`],
  ["s3:CreateBucket", () => "arn:aws:s3:::some-bucket"],
];

/** The resources of a call, as far as its legs show them. */
interface Call {
  legs: readonly AuthorizationLeg[];
  partition: string;
  account: string;
  source: string;
  regions: string[];
  actions: string[];
  /** The last part of the model's ARN: `foundation-model/M`, `provisioned-model/x`. */
  model: string;
  profile: AuthorizationLeg | undefined;
  geography: string;
}

/**
 * The stages of the model itself. The other stages are what the call needs in addition, and they don't invoke another
 * model.
 */
const MODEL_STAGES: readonly LegStage[] = ["profile", "source-model", "destination-model", "global-model", "model"];

function callOf(legs: readonly AuthorizationLeg[], account: string): Call | undefined {
  const profile = legs.find(({ stage }) => stage === "profile");
  const ofModel = legs.filter(({ stage }) => MODEL_STAGES.includes(stage));
  const modelLeg = ofModel.find(({ stage }) => stage !== "profile") ?? profile ?? legs[0];
  if (modelLeg === undefined) return undefined;
  const [, partition = "aws", , , owner = "", ...rest] = modelLeg.resource.split(":");
  const geography = /:inference-profile\/([^.]+)\./.exec(profile?.resource ?? "")?.[1] ?? "";
  return {
    legs,
    partition,
    account: profile?.resource.split(":")[4] || owner || account,
    source: profile?.region ?? modelLeg.region,
    regions: [...new Set(legs.map(({ region }) => region))],
    actions: [...new Set((ofModel.length > 0 ? ofModel : legs).map(({ action }) => action))],
    model: rest.join(":"),
    profile,
    geography,
  };
}

/**
 * Returns the requests that must stay denied if only this call is allowed: other models, profiles, principals, Regions,
 * geographies, actions, and services, whatever kind of model is called. Includes those that the policies contain.
 */
export function guardsOf(
  legs: readonly AuthorizationLeg[],
  known: EvaluationContext,
  { regions: named, modelIds, profileArns, roleArns, actions: namedActions }: Vocabulary,
): Guard[] {
  const call = callOf(legs, known.caller.principal.accountId ?? "");
  if (call === undefined) return [];
  const guards: Guard[] = [];
  const own = new Set(legs.map(keyOf));
  const add = (differs: (Opening | undefined)[], leg: Omit<AuthorizationLeg, "stage">, caller = known.caller) => {
    const classes = [...new Set(differs.filter((each) => each !== undefined))];
    if (caller === known.caller && own.has(keyOf(leg))) return;
    const request = requestOf({ stage: "model", ...leg }, caller, known.context, known.unknownContext);
    guards.push({ differs: classes.length > 0 ? classes : ["other-source-region"], request });
  };
  const regions = [...new Set([...call.regions, ...named, ...FAR])].filter((region) => region !== UNSPECIFIED_REGION);
  const arn = (region: string, accountId: string, resource: string) =>
    buildArn({ partition: call.partition, service: "bedrock", region, accountId, resource });
  const models = modelsOf(call, modelIds);
  const at = (region: string, model: string) =>
    arn(region, model.startsWith("foundation-model/") ? "" : call.account, model);

  for (const model of models) {
    const other = model === call.model ? undefined : ("other-model" as const);
    const profiles = profilesOf(call, model, profileArns, arn);
    for (const action of call.actions) {
      for (const region of regions) {
        const away = call.regions.includes(region) ? undefined : ("other-source-region" as const);
        add([call.profile ? "direct-call" : away, other], { action, resource: at(region, model), region });
        for (const { arn: profileArn, differs } of profiles) {
          const isElsewhere = away !== undefined && differs.every((each) => each === "other-profile");
          if (!isElsewhere && model.startsWith("foundation-model/")) {
            add([...differs, other], { action, resource: at(region, model), region, inferenceProfileArn: profileArn });
          }
          const parts = profileArn.split(":");
          parts[3] = region;
          const moved = region === call.source ? undefined : ("other-source-region" as const);
          add([...differs, other, moved], { action, resource: parts.join(":"), region });
        }
      }
      for (const { arn: inferenceProfileArn, differs } of profiles) {
        if (!differs.includes("global-routing") && call.geography !== "global") continue;
        add([...differs, other], { action, resource: at("", model), region: UNSPECIFIED_REGION, inferenceProfileArn });
      }
    }
  }
  addActions(call, regions, [...BEDROCK_ACTIONS, ...namedActions], arn, add);
  for (const roleArn of otherRolesOf(call, roleArns)) {
    for (const leg of legs) add(["other-principal"], leg, callerOf(roleArn));
  }
  return guards;
}

const keyOf = ({ action, resource, region, inferenceProfileArn }: Omit<AuthorizationLeg, "stage">) =>
  `${action} ${resource} ${region} ${inferenceProfileArn}`;

/**
 * Returns the called model, other models of the same provider and of another provider, other kinds of models, and the
 * models that the policies contain.
 */
function modelsOf({ model }: Call, named: readonly string[]): string[] {
  const provider = /^foundation-model\/([^.]+)\./.exec(model)?.[1] ?? "anthropic";
  const kind = model.split("/")[0] ?? "foundation-model";
  return [
    ...new Set([
      model,
      `foundation-model/${provider}.some-other-model-v1:0`,
      "foundation-model/other-provider.model-v1:0",
      ...(kind === "foundation-model" ? [] : [`${kind}/z9z9z9z9z9z9`]),
      "provisioned-model/y9y9y9y9y9y9",
      "imported-model/y9y9y9y9y9y9",
      "custom-model-deployment/y9y9y9y9y9y9",
      ...named.map((id) => `foundation-model/${id}`),
    ]),
  ];
}

/** Returns the profiles that a model may be called through, and how each one differs from the call's profile. */
function profilesOf(
  { account, source, geography, profile, model: called }: Call,
  model: string,
  named: readonly string[],
  arn: (region: string, account: string, resource: string) => string,
): { arn: string; differs: Opening[] }[] {
  const ownArn = profile?.resource;
  const modelId = model.slice(model.indexOf("/") + 1);
  const isOwn = model === called;
  const differsOf = (profileArn: string): Opening[] => {
    if (profileArn === ownArn) return [];
    const other = /:inference-profile\/([^.]+)\./.exec(profileArn)?.[1];
    if (other === "global" && geography !== "global") return ["global-routing"];
    // The ARN of an application inference profile doesn't show its geography.
    if (other === undefined || (isOwn && other === geography)) return ["other-profile"];
    if (other === geography) return [];
    return profile !== undefined && geography === "" ? ["other-profile", "other-geography"] : ["other-geography"];
  };
  const fitting = named.filter(
    (each) => each.includes(":application-inference-profile/") || each.endsWith(`.${modelId}`),
  );
  const arns = [
    ...GEOGRAPHIES.map((each) => arn(source, account, `inference-profile/${each}.${modelId}`)),
    arn(source, account, "application-inference-profile/z9z9z9z9z9z9"),
    // The call's own profile doesn't contain any other model.
    ...(ownArn === undefined || !isOwn ? [] : [ownArn]),
    ...fitting,
  ];
  const others = [...new Set(arns)].filter((each) => isOwn || each !== ownArn);
  return others.map((each) => ({ arn: each, differs: differsOf(each) }));
}

function addActions(
  call: Call,
  regions: readonly string[],
  actions: readonly string[],
  arn: (region: string, account: string, resource: string) => string,
  add: (differs: Opening[], leg: Omit<AuthorizationLeg, "stage">) => void,
): void {
  const own = call.actions.map((action) => action.toLowerCase());
  for (const action of new Set(actions)) {
    if (own.includes(action.toLowerCase())) continue;
    const isBedrock = /^bedrock:/i.test(action);
    const differs: Opening[] = [isBedrock ? "other-bedrock-action" : "other-service"];
    for (const leg of isBedrock ? call.legs : []) add(differs, { ...leg, action });
    for (const region of regions) {
      const service = action.split(":")[0] ?? "";
      const resource = isBedrock
        ? arn(region, call.account, "agent-alias/a/b")
        : `arn:${call.partition}:${service}:${region}:${call.account}:some/thing`;
      add(differs, { action, resource, region });
      if (isBedrock) add(differs, { action, resource: arn(region, "", call.model), region });
    }
  }
  for (const region of regions) {
    for (const [action, resource] of OTHER_SERVICES) {
      add(["other-service"], { action, resource: resource(region, call.account), region });
    }
  }
}

function otherRolesOf({ account, partition }: Call, named: readonly string[]): string[] {
  const iam = `arn:${partition}:iam::${isAccount(account) ? account : "111122223333"}`;
  return [`${iam}:role/SomeOtherRole`, ...named];
}
