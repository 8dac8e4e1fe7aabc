import { buildArn, isAccount, UNSPECIFIED_REGION } from "../../arn.js";
import { type AuthorizationLeg, INFERENCE_ACTIONS, type LegStage } from "../../authorization.js";
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

const GUARD_GEOGRAPHIES = ["us", "eu", "apac", "jp", "au", "global"];

/** Regions that no call uses: a distant one on each side. */
const FAR = ["sa-east-1", "ap-south-1"];

const BEDROCK_ACTIONS = [
  ...INFERENCE_ACTIONS,
  "bedrock:InvokeAgent",
  "bedrock:CreateModelCustomizationJob",
  "bedrock:CreateProvisionedModelThroughput",
];
const OTHER_SERVICES: [action: string, resource: (region: string, account: string) => string][] = [
  ["ec2:RunInstances", (region, account) => `arn:aws:ec2:${region}:${account}:instance/*`],
  ["s3:CreateBucket", () => "arn:aws:s3:::some-bucket"],
];

/** The resources of a call, as far as its legs show them. */
interface GuardedCall {
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
const GUARDED_STAGES: readonly LegStage[] = ["profile", "source-model", "destination-model", "global-model", "model"];

function guardedCall(legs: readonly AuthorizationLeg[], account: string): GuardedCall | undefined {
  const profile = legs.find(({ stage }) => stage === "profile");
  const ofModel = legs.filter(({ stage }) => GUARDED_STAGES.includes(stage));
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

/** A leg without its stage, which doesn't matter for requests that aren't part of the call. */
type BareLeg = Omit<AuthorizationLeg, "stage">;

/** One way in which a request can differ from the call. */
interface Variation {
  differs: (Opening | undefined)[];
  leg: BareLeg;
  /** Another role that makes the request. */
  roleArn?: string;
}

/**
 * Returns the requests that must stay denied if only this call is allowed: other models, profiles, principals, Regions,
 * geographies, actions, and services, whatever kind of model is called. Includes those that the policies contain.
 */
export function guardsOf(
  legs: readonly AuthorizationLeg[],
  { caller, context, unknownContext }: EvaluationContext,
  vocabulary: Vocabulary,
): Guard[] {
  const call = guardedCall(legs, caller.principal.accountId ?? "");
  if (call === undefined) return [];
  const own = new Set(legs.map(legKeyOf));
  const guards: Guard[] = [];
  for (const { differs, leg, roleArn } of variationsOf(call, vocabulary)) {
    if (roleArn === undefined && own.has(legKeyOf(leg))) continue;
    const classes = [...new Set(differs.filter((each) => each !== undefined))];
    const by = roleArn === undefined ? caller : callerOf(roleArn);
    const request = requestOf({ stage: "model", ...leg }, by, context, unknownContext);
    guards.push({ differs: classes.length > 0 ? classes : ["other-source-region"], request });
  }
  return guards;
}

function* variationsOf(call: GuardedCall, vocabulary: Vocabulary): Generator<Variation> {
  const { regions: named, modelIds, profileArns, roleArns, actions } = vocabulary;
  const regions = [...new Set([...call.regions, ...named, ...FAR])].filter((region) => region !== UNSPECIFIED_REGION);
  for (const model of modelsOf(call, modelIds)) {
    const profiles = guardProfiles(call, model, profileArns);
    for (const action of call.actions) {
      for (const region of regions) yield* callsIn(region, { call, model, action, profiles });
      yield* globalCalls({ call, model, action, profiles });
    }
  }
  yield* otherActions(call, regions, [...BEDROCK_ACTIONS, ...actions]);
  for (const roleArn of otherRolesOf(call, roleArns)) {
    for (const leg of call.legs) yield { differs: ["other-principal"], leg, roleArn };
  }
}

/** What is invoked: a model, directly or through one of these profiles. */
interface Invocation {
  call: GuardedCall;
  model: string;
  action: string;
  profiles: readonly { arn: string; differs: Opening[] }[];
}

const otherModel = ({ call, model }: Invocation) => (model === call.model ? undefined : "other-model");

/** Yields the direct call of a model in a Region, and its calls through profiles that start or are routed there. */
function* callsIn(region: string, invocation: Invocation): Generator<Variation> {
  const { call, model, action, profiles } = invocation;
  const other = otherModel(invocation);
  const resource = modelArnIn(call, region, model);
  const away = call.regions.includes(region) ? undefined : "other-source-region";
  yield { differs: [call.profile ? "direct-call" : away, other], leg: { action, resource, region } };
  for (const { arn, differs } of profiles) {
    const isElsewhere = away !== undefined && differs.every((each) => each === "other-profile");
    if (!isElsewhere && model.startsWith("foundation-model/"))
      yield { differs: [...differs, other], leg: { action, resource, region, inferenceProfileArn: arn } };
    const moved = region === call.source ? undefined : "other-source-region";
    yield { differs: [...differs, other, moved], leg: { action, resource: inRegion(arn, region), region } };
  }
}

/** Yields the calls of a model through profiles that are routed globally. */
function* globalCalls(invocation: Invocation): Generator<Variation> {
  const { call, model, action, profiles } = invocation;
  for (const { arn: inferenceProfileArn, differs } of profiles) {
    if (!differs.includes("global-routing") && call.geography !== "global") continue;
    const leg = { action, resource: modelArnIn(call, "", model), region: UNSPECIFIED_REGION, inferenceProfileArn };
    yield { differs: [...differs, otherModel(invocation)], leg };
  }
}

const bedrockArn = ({ partition }: GuardedCall, region: string, accountId: string, resource: string) =>
  buildArn({ partition, service: "bedrock", region, accountId, resource });

const modelArnIn = (call: GuardedCall, region: string, model: string) =>
  bedrockArn(call, region, model.startsWith("foundation-model/") ? "" : call.account, model);

function inRegion(arn: string, region: string): string {
  const parts = arn.split(":");
  parts[3] = region;
  return parts.join(":");
}

const legKeyOf = ({ action, resource, region, inferenceProfileArn }: BareLeg) =>
  `${action} ${resource} ${region} ${inferenceProfileArn}`;

/**
 * Returns the called model, other models of the same provider and of another provider, other kinds of models, and the
 * models that the policies contain.
 */
function modelsOf({ model }: GuardedCall, named: readonly string[]): string[] {
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
function guardProfiles(call: GuardedCall, model: string, named: readonly string[]): Invocation["profiles"] {
  const { account, source } = call;
  const ownArn = call.profile?.resource;
  const modelId = model.slice(model.indexOf("/") + 1);
  const isOwn = model === call.model;
  const fitting = named.filter(
    (each) => each.includes(":application-inference-profile/") || each.endsWith(`.${modelId}`),
  );
  const arns = [
    ...GUARD_GEOGRAPHIES.map((each) => bedrockArn(call, source, account, `inference-profile/${each}.${modelId}`)),
    bedrockArn(call, source, account, "application-inference-profile/z9z9z9z9z9z9"),
    // The call's own profile doesn't contain any other model.
    ...(ownArn === undefined || !isOwn ? [] : [ownArn]),
    ...fitting,
  ];
  const others = [...new Set(arns)].filter((each) => isOwn || each !== ownArn);
  return others.map((arn) => ({ arn, differs: arn === ownArn ? [] : profileDiffers(call, arn, isOwn) }));
}

/** @param isOwn true if the profile contains the called model */
function profileDiffers({ profile, geography }: GuardedCall, profileArn: string, isOwn: boolean): Opening[] {
  const other = /:inference-profile\/([^.]+)\./.exec(profileArn)?.[1];
  if (other === "global" && geography !== "global") return ["global-routing"];
  // The ARN of an application inference profile doesn't show its geography.
  if (other === undefined || (isOwn && other === geography)) return ["other-profile"];
  if (other === geography) return [];
  return profile !== undefined && geography === "" ? ["other-profile", "other-geography"] : ["other-geography"];
}

function* otherActions(
  call: GuardedCall,
  regions: readonly string[],
  actions: readonly string[],
): Generator<Variation> {
  const own = call.actions.map((action) => action.toLowerCase());
  for (const action of new Set(actions)) {
    if (own.includes(action.toLowerCase())) continue;
    const isBedrock = /^bedrock:/i.test(action);
    const differs: Opening[] = [isBedrock ? "other-bedrock-action" : "other-service"];
    for (const leg of isBedrock ? call.legs : []) yield { differs, leg: { ...leg, action } };
    for (const region of regions) {
      const service = action.split(":")[0] ?? "";
      const resource = isBedrock
        ? bedrockArn(call, region, call.account, "agent-alias/a/b")
        : `arn:${call.partition}:${service}:${region}:${call.account}:some/thing`;
      yield { differs, leg: { action, resource, region } };
      if (isBedrock) yield { differs, leg: { action, resource: bedrockArn(call, region, "", call.model), region } };
    }
  }
  for (const region of regions) {
    for (const [action, resource] of OTHER_SERVICES) {
      yield { differs: ["other-service"], leg: { action, resource: resource(region, call.account), region } };
    }
  }
}

function otherRolesOf({ account, partition }: GuardedCall, named: readonly string[]): string[] {
  const iam = `arn:${partition}:iam::${isAccount(account) ? account : "111122223333"}`;
  return [`${iam}:role/SomeOtherRole`, ...named];
}
