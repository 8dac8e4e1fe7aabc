// For every finding of lintPolicy: a policy with the trap, one that only looks like it, and the trap with the advice applied.

import type { LintCode, LintOptions } from "../../src/policy/lint/lint.js";
import { ACCOUNT, MODEL } from "./policies.js";

export interface LintRow {
  code: LintCode;
  trap: unknown;
  /** Has no finding at all. */
  looksLikeIt: unknown;
  /** The policy after the advice in `instead` is applied. */
  instead: unknown;
  options?: LintOptions;
  severity: "error" | "warning" | "info";
}

export const INVOKE = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
export const policy = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
export const US = "arn:aws:bedrock:*:*:inference-profile/us.*";
export const AIP = "arn:aws:bedrock:*:*:application-inference-profile/*";
export const US_REGIONS = ["us-east-1", "us-east-2", "us-west-2"];
const US_APPROVED = [...US_REGIONS, "unspecified"];
export const model = (region: string, id = MODEL) => `arn:aws:bedrock:${region}::foundation-model/${id}`;
export const profile = (prefix: string, region = "us-east-1") =>
  `arn:aws:bedrock:${region}:${ACCOUNT}:inference-profile/${prefix}.${MODEL}`;

export const allow = (Resource: string | string[], Condition?: object) => ({
  Effect: "Allow",
  Action: INVOKE,
  Resource,
  ...(Condition ? { Condition } : {}),
});
export const deny = (Condition: object, more: object = {}) => ({
  Effect: "Deny",
  Action: INVOKE,
  Resource: "*",
  Condition,
  ...more,
});
export const outside = (...regions: string[]) => ({ StringNotEquals: { "aws:RequestedRegion": regions } });
export const except = (...profiles: string[]) => ({ ArnNotLike: { "bedrock:InferenceProfileArn": profiles } });
const within = (...regions: string[]) => ({ StringEquals: { "aws:RequestedRegion": regions } });
/** A Region deny with NotAction, of global services and these actions. */
export const regionDeny = (exempt: string[], condition: object) => ({
  Effect: "Deny",
  NotAction: ["iam:*", "organizations:*", "sts:*", ...exempt],
  Resource: "*",
  Condition: condition,
});
const RE_DENY = deny({ ...outside(...US_APPROVED), ...except(US, AIP) });

export const LINT_ROWS: LintRow[] = [
  {
    code: "document-invalid",
    severity: "error",
    trap: policy({ Effect: "allow", Action: INVOKE, Resource: "*" }),
    looksLikeIt: policy(allow("*")),
    instead: policy(allow("*")),
  },
  {
    code: "allows-nothing",
    severity: "error",
    options: { type: "permissions-boundary" },
    trap: policy({ Effect: "Deny", Action: "iam:*", Resource: "*" }),
    looksLikeIt: policy(
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "iam:*", Resource: "*" },
    ),
    instead: policy(
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "iam:*", Resource: "*" },
    ),
  },
  {
    code: "operation-is-no-action",
    severity: "error",
    trap: policy({ Effect: "Allow", Action: ["bedrock:Converse"], Resource: "*" }),
    looksLikeIt: policy({ Effect: "Allow", Action: "bedrock:*", Resource: "*" }),
    instead: policy(allow("*")),
  },
  {
    code: "invalid-action-prefix",
    severity: "error",
    trap: policy({ Effect: "Allow", Action: ["bedrock-runtime:InvokeModel"], Resource: "*" }),
    looksLikeIt: policy({ Effect: "Allow", Action: ["bedrock-mantle:CreateInference", ...INVOKE], Resource: "*" }),
    instead: policy(allow("*")),
  },
  {
    code: "unknown-action",
    severity: "warning",
    trap: policy({ Effect: "Allow", Action: ["bedrock:InvokeModels", ...INVOKE], Resource: "*" }),
    looksLikeIt: policy({ Effect: "Allow", Action: ["s3:Nonsense", "bedrock:invokeMODEL*"], Resource: "*" }),
    instead: policy(allow("*")),
  },
  {
    code: "action-without-resource-type",
    severity: "error",
    trap: policy({
      Effect: "Allow",
      Action: [...INVOKE, "bedrock:ListFoundationModels"],
      Resource: [US, model("*", "*")],
    }),
    looksLikeIt: policy(
      { Effect: "Allow", Action: [...INVOKE, "bedrock:ListFoundationModels"], Resource: [US, model("*", "*")] },
      { Effect: "Allow", Action: "bedrock:List*", Resource: "*" },
    ),
    instead: policy(allow([US, model("*", "*")]), {
      Effect: "Allow",
      Action: ["bedrock:ListFoundationModels"],
      Resource: "*",
    }),
  },
  {
    code: "streaming-action-missing",
    severity: "warning",
    trap: policy({ Effect: "Deny", Action: "bedrock:InvokeModel", Resource: model("*", "meta.*") }),
    looksLikeIt: policy({
      Effect: "Allow",
      Action: "bedrock:InvokeModel",
      Resource: [profile("us"), ...US_REGIONS.map((region) => model(region))],
    }),
    instead: policy({ Effect: "Deny", Action: INVOKE, Resource: model("*", "meta.*") }),
  },
  {
    code: "only-streaming-action",
    severity: "warning",
    trap: policy({ Effect: "Allow", Action: "bedrock:InvokeModelWithResponseStream", Resource: "*" }),
    looksLikeIt: policy({
      Effect: "Allow",
      Action: "bedrock:InvokeModelWithResponseStream",
      Resource: [profile("us"), ...US_REGIONS.map((region) => model(region))],
    }),
    instead: policy(allow("*")),
  },
  {
    code: "profile-arn-without-account",
    severity: "error",
    trap: policy(allow(["arn:aws:bedrock:us-east-1::inference-profile/us.*", model("*", "*")])),
    looksLikeIt: policy(allow(["arn:aws:bedrock:us-east-1:*:inference-profile/us.*", model("*", "*")])),
    instead: policy(allow(["arn:aws:bedrock:us-east-1:*:inference-profile/us.*", model("*", "*")])),
  },
  {
    code: "account-in-model-arn",
    severity: "error",
    trap: policy(allow([US, `arn:aws:bedrock:us-east-1:${ACCOUNT}:foundation-model/*`])),
    looksLikeIt: policy(allow([US, "arn:aws:bedrock:*:*:foundation-model/*"])),
    instead: policy(allow([US, model("*", "*")])),
  },
  {
    code: "profile-id-as-model",
    severity: "error",
    trap: policy(allow([model("us-east-1", `us.${MODEL}`)])),
    looksLikeIt: policy(allow([profile("us"), model("*")])),
    instead: policy(allow([`arn:aws:bedrock:us-east-1:*:inference-profile/us.${MODEL}`, model("*")])),
  },
  {
    code: "wrong-condition-key",
    severity: "error",
    trap: policy(allow(US), allow(model("*", "*"), { ArnLike: { "aws:InferenceProfileArn": US } })),
    looksLikeIt: policy(allow(US), allow(model("*", "*"), { ArnLike: { "BEDROCK:inferenceprofilearn": US } })),
    instead: policy(allow(US), allow(model("*", "*"), { ArnLike: { "bedrock:InferenceProfileArn": US } })),
  },
  {
    code: "wildcard-in-exact-match",
    severity: "error",
    trap: policy(allow(US), allow(model("*", "*"), { StringEquals: { "bedrock:InferenceProfileArn": US } })),
    looksLikeIt: policy(
      allow(US),
      allow(model("*", "*"), { ArnEquals: { "bedrock:InferenceProfileArn": US }, StringEquals: { "aws:x": "a${*}" } }),
    ),
    instead: policy(allow(US), allow(model("*", "*"), { StringLike: { "bedrock:InferenceProfileArn": US } })),
  },
  {
    code: "for-all-values-matches-absent-key",
    severity: "warning",
    trap: policy(allow("*", { "ForAllValues:StringLike": { "bedrock:InferenceProfileArn": US } })),
    looksLikeIt: policy(
      allow(US),
      allow(model("*", "*"), {
        "ForAllValues:StringLike": { "bedrock:InferenceProfileArn": US },
        Null: { "bedrock:InferenceProfileArn": "false" },
      }),
    ),
    instead: policy(allow(US), allow("*", { StringLike: { "bedrock:InferenceProfileArn": US } })),
  },
  {
    code: "profile-condition-on-profile",
    severity: "error",
    trap: policy(allow("*", { ArnLike: { "bedrock:InferenceProfileArn": US } })),
    looksLikeIt: policy(
      allow(profile("us")),
      allow([profile("us"), ...US_REGIONS.map((region) => model(region))], {
        ArnLike: { "bedrock:InferenceProfileArn": profile("us") },
      }),
    ),
    instead: policy(
      allow("arn:aws:bedrock:*:*:inference-profile/*"),
      allow("*", { ArnLike: { "bedrock:InferenceProfileArn": US } }),
    ),
  },
  {
    code: "unspecified-on-profile",
    severity: "error",
    trap: policy(
      allow([profile("global"), model("")], within("unspecified")),
      allow(model("us-east-1"), within("us-east-1")),
    ),
    looksLikeIt: policy(
      allow([profile("global"), model("us-east-1")], within("us-east-1")),
      allow([profile("global"), model("")], within("unspecified")),
    ),
    instead: policy(
      allow([profile("global"), model("us-east-1")], within("us-east-1")),
      allow(model(""), within("unspecified")),
    ),
  },
  {
    code: "profile-not-allowed",
    severity: "warning",
    trap: policy(allow(US_REGIONS.map((region) => model(region)))),
    looksLikeIt: policy(allow([model("us-east-1", "amazon.titan-embed-text-v2:0")])),
    instead: policy(allow(US_REGIONS.map((region) => model(region))), allow("arn:aws:bedrock:*:*:inference-profile/*")),
  },
  {
    code: "models-not-allowed",
    severity: "warning",
    trap: policy(allow(profile("us"))),
    looksLikeIt: policy({ Effect: "Allow", Action: "bedrock:GetInferenceProfile", Resource: profile("us") }),
    instead: policy(allow([profile("us"), "arn:aws:bedrock:*::foundation-model/*"])),
  },
  {
    code: "destination-not-allowed",
    severity: "warning",
    trap: policy(allow([profile("us"), model("us-east-1"), model("us-east-2")])),
    looksLikeIt: policy(
      allow([profile("us"), model("us-east-1"), model("us-east-2")]),
      allow("arn:aws:bedrock:us-west-?::foundation-model/*", { StringEquals: { "aws:PrincipalTag/team": "ml" } }),
    ),
    instead: policy(allow([profile("us"), model("us-east-1"), model("us-east-2"), model("us-west-2")])),
  },
  {
    code: "region-condition-on-destinations",
    severity: "warning",
    trap: policy(allow("*", within("us-east-1"))),
    looksLikeIt: policy(allow("*", within(...US_APPROVED))),
    instead: policy(allow("*", within("us-east-1", "us-west-2", "us-east-2"))),
  },
  {
    code: "region-deny-cuts-destinations",
    severity: "warning",
    trap: policy(regionDeny([], outside("us-east-1", "unspecified"))),
    looksLikeIt: policy(regionDeny([], outside(...US_APPROVED))),
    instead: policy(regionDeny([], { ...outside("us-east-1", "unspecified"), ...except(US) })),
  },
  {
    code: "unspecified-not-approved",
    severity: "info",
    trap: policy(regionDeny([], outside(...US_REGIONS))),
    looksLikeIt: policy(
      regionDeny([], outside(...US_REGIONS)),
      deny({ StringEquals: { "aws:RequestedRegion": "unspecified" } }, { Action: "bedrock:*" }),
    ),
    instead: policy(regionDeny([], outside(...US_APPROVED))),
  },
  {
    code: "deny-list-leaves-regions-open",
    severity: "warning",
    trap: policy(regionDeny([], { StringLike: { "aws:RequestedRegion": ["cn-*", "ap-*"] } })),
    looksLikeIt: policy(
      regionDeny([], { StringLike: { "aws:RequestedRegion": ["cn-*", "ap-*"] } }),
      regionDeny([], outside(...US_APPROVED)),
    ),
    instead: policy(regionDeny([], outside(...US_APPROVED))),
  },
  {
    code: "exempts-all-of-bedrock",
    severity: "warning",
    trap: policy(regionDeny(["bedrock:*"], outside("us-east-1"))),
    looksLikeIt: policy(
      regionDeny(["bedrock:*"], outside("us-east-1")),
      deny(outside(...US_APPROVED), { Action: "bedrock:*" }),
    ),
    instead: policy(regionDeny(INVOKE, outside(...US_APPROVED)), RE_DENY),
  },
  {
    code: "exempts-direct-calls",
    severity: "warning",
    trap: policy(regionDeny(["bedrock:Invoke*"], outside("us-east-1"))),
    looksLikeIt: policy(
      regionDeny(["bedrock:Invoke*"], outside("us-east-1")),
      deny(outside(...US_APPROVED), { Action: "bedrock:Invoke*" }),
    ),
    instead: policy(regionDeny(INVOKE, outside(...US_APPROVED)), RE_DENY),
  },
  {
    code: "exempt-invoke-not-denied-again",
    severity: "warning",
    trap: policy(regionDeny(INVOKE, outside("us-east-1"))),
    looksLikeIt: policy(regionDeny(INVOKE, outside("us-east-1")), RE_DENY),
    instead: policy(regionDeny(INVOKE, outside("us-east-1")), RE_DENY),
  },
  {
    code: "global-services-denied",
    severity: "warning",
    trap: policy(
      { Effect: "Deny", NotAction: ["s3:*"], Resource: "*", Condition: within("us-east-1") },
      regionDeny([], outside(...US_APPROVED)),
    ),
    looksLikeIt: policy(
      { Effect: "Deny", NotAction: ["s3:*"], Resource: "*", Condition: within("ap-south-1") },
      regionDeny([], outside(...US_APPROVED)),
    ),
    instead: policy(
      {
        Effect: "Deny",
        NotAction: ["s3:*", "iam:*", "sts:*", "organizations:*"],
        Resource: "*",
        Condition: within("sa-east-1"),
      },
      regionDeny([], outside(...US_APPROVED)),
    ),
  },
  {
    code: "mantle-left-open",
    severity: "warning",
    trap: policy(deny(outside(...US_APPROVED), { Action: "bedrock:*" })),
    looksLikeIt: policy(
      deny(outside(...US_APPROVED), { Action: "bedrock:*" }),
      deny(outside(...US_APPROVED), { Action: "bedrock-*:*" }),
    ),
    instead: policy(deny(outside(...US_APPROVED), { Action: ["bedrock:*", "bedrock-mantle:*"] })),
  },
  {
    code: "negated-condition-denies-profiles",
    severity: "error",
    trap: policy(deny(except(US, AIP))),
    looksLikeIt: policy(deny({ ...outside(...US_APPROVED), ...except(US, AIP) })),
    instead: policy(deny({ ...outside(...US_APPROVED), ...except(US, AIP) })),
  },
  {
    code: "exempts-any-profile",
    severity: "warning",
    trap: policy(deny({ ...outside(...US_APPROVED), ...except("arn:aws:bedrock:*:*:inference-profile/*") })),
    looksLikeIt: policy(
      deny({ ...outside(...US_APPROVED), ...except("arn:aws:bedrock:*:*:inference-profile/*") }),
      deny({ Null: { "bedrock:InferenceProfileArn": "false" }, ...except(US, AIP) }),
    ),
    instead: policy(RE_DENY),
  },
  {
    code: "exemption-covers-models-only",
    severity: "warning",
    trap: policy(deny({ ...outside(...US_APPROVED), ...except(US, AIP) }, { Resource: model("*", "*") })),
    looksLikeIt: policy(
      deny({ ...outside(...US_APPROVED), ...except(US, AIP) }, { Resource: model("*", "*") }),
      deny(outside(...US_APPROVED), { Resource: "arn:aws:bedrock:*:*:inference-profile/*" }),
    ),
    instead: policy(RE_DENY),
  },
  {
    code: "exemption-matches-nothing",
    severity: "error",
    trap: policy(deny({ ...outside(...US_APPROVED), ...except("arn:aws:bedrock:*:*:inference-profile/us", AIP) })),
    looksLikeIt: policy(deny({ ...outside(...US_APPROVED), ...except(US, AIP) })),
    instead: policy(RE_DENY),
  },
  {
    code: "exemption-of-one-profile",
    severity: "info",
    trap: policy(deny({ ...outside(...US_APPROVED), ...except(profile("us"), AIP) })),
    looksLikeIt: policy(
      deny({ ...outside(...US_APPROVED), ...except("arn:aws:bedrock:*:*:inference-profile/us.anthropic.*", AIP) }),
    ),
    instead: policy(RE_DENY),
  },
  {
    code: "application-profiles-not-exempt",
    severity: "info",
    trap: policy(deny({ ...outside(...US_APPROVED), ...except(US) })),
    looksLikeIt: policy(
      deny({
        ...outside(...US_APPROVED),
        ...except(US, `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`),
      }),
    ),
    instead: policy(RE_DENY),
  },
  {
    code: "application-profiles-denied",
    severity: "warning",
    trap: policy(deny({ Null: { "bedrock:InferenceProfileArn": "false" }, ...except(US) })),
    looksLikeIt: policy(deny({ Null: { "bedrock:InferenceProfileArn": "false" }, ...except(US, AIP) })),
    instead: policy(deny({ Null: { "bedrock:InferenceProfileArn": "false" }, ...except(US, AIP) })),
  },
  {
    code: "approved-models-deny-profiles",
    severity: "error",
    trap: policy({ Effect: "Deny", Action: INVOKE, NotResource: [model("*", "anthropic.*")] }),
    looksLikeIt: policy({
      Effect: "Deny",
      Action: INVOKE,
      NotResource: [model("*", "anthropic.*")],
      Condition: { Null: { "bedrock:InferenceProfileArn": "false" } },
    }),
    instead: policy({
      Effect: "Deny",
      Action: INVOKE,
      NotResource: [model("*", "anthropic.*"), "arn:aws:bedrock:*:*:inference-profile/*", AIP],
    }),
  },
  {
    code: "global-block-misses-application-profiles",
    severity: "info",
    trap: policy(
      deny({
        StringEquals: { "aws:RequestedRegion": "unspecified" },
        ArnLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/global.*" },
      }),
    ),
    looksLikeIt: policy(deny({ StringEquals: { "aws:RequestedRegion": "unspecified" } })),
    instead: policy(deny({ StringEquals: { "aws:RequestedRegion": "unspecified" } })),
  },
];
