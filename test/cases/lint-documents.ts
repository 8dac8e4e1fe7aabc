// Policies that AWS and others publish, rewritten, with their findings. Some have none.

import type { LintOptions } from "../../src/policy/lint/lint.js";
import {
  AIP,
  allow,
  deny,
  except,
  INVOKE,
  model,
  outside,
  policy,
  profile,
  regionDeny,
  US,
  US_REGIONS,
} from "./lint.js";
import { ACCOUNT, REGION_DENY } from "./policies.js";

export interface DocumentRow {
  says: string;
  source: string;
  document: unknown;
  options?: LintOptions;
  /** `severity code`, in any order. */
  findings: string[];
}

const GEO = "Amazon Bedrock User Guide, Geographic cross-Region inference";
const GLOBAL = "Amazon Bedrock User Guide, Global cross-Region inference";
const ARTICLE = "AWS re:Post, bedrock-access-denied-exception";
const SAMPLES = "aws-samples/service-control-policy-examples";
const BLOG = "AWS blog, Securing Amazon Bedrock cross-Region inference";
const BATCH = "bedrock:CreateModelInvocationJob";
const EU = "arn:aws:bedrock:*:*:inference-profile/eu.*";

const only = (Action: string, Resource: string | string[], Condition?: object) => ({
  ...allow(Resource, Condition),
  Action,
});
const leastPrivilege = (Action: string | string[]) =>
  policy(
    { Effect: "Allow", Action, Resource: profile("us") },
    {
      Effect: "Allow",
      Action,
      Resource: US_REGIONS.map((region) => model(region)),
      Condition: { StringEquals: { "bedrock:InferenceProfileArn": profile("us") } },
    },
  );
const from = (region: string, more: object = {}) => ({ StringEquals: { "aws:RequestedRegion": region, ...more } });
const through = { "bedrock:InferenceProfileArn": profile("global") };
const gov = (document: unknown) =>
  JSON.parse(
    JSON.stringify(document)
      .replaceAll("arn:aws:", "arn:aws-us-gov:")
      .replaceAll("/us.", "/us-gov.")
      .replaceAll("us-east-1", "us-gov-east-1")
      .replaceAll(/us-(east|west)-2/g, "us-gov-west-1"),
  );
const governed = { StringNotEquals: { "aws:RequestedRegion": ["us-gov-west-1", "unspecified"] } };

export const DOCUMENT_ROWS: DocumentRow[] = [
  {
    says: "least privilege for one geographic profile, as AWS writes it",
    source: GEO,
    document: leastPrivilege("bedrock:InvokeModel"),
    findings: [],
  },
  { says: "the same with streaming", source: GEO, document: leastPrivilege(INVOKE), findings: [] },
  {
    says: "least privilege for one global profile: three statements",
    source: GLOBAL,
    document: policy(
      only("bedrock:InvokeModel", profile("global"), from("us-east-1")),
      only("bedrock:InvokeModel", model("us-east-1"), from("us-east-1", through)),
      only("bedrock:InvokeModel", model(""), from("unspecified", through)),
    ),
    findings: [],
  },
  {
    says: "the same without the third statement",
    source: GLOBAL,
    document: policy(
      only("bedrock:InvokeModel", profile("global"), from("us-east-1")),
      only("bedrock:InvokeModel", model("us-east-1"), from("us-east-1", through)),
    ),
    findings: ["error destination-not-allowed"],
  },
  {
    says: "the same with the source Region in the third statement",
    source: GLOBAL,
    document: policy(
      only("bedrock:InvokeModel", profile("global"), from("us-east-1")),
      only("bedrock:InvokeModel", model("us-east-1"), from("us-east-1", through)),
      only("bedrock:InvokeModel", model(""), from("us-east-1", through)),
    ),
    findings: ["warning region-condition-on-destinations"],
  },
  {
    says: "profiles and models of three Regions",
    source: "a common Terraform module",
    document: policy(
      allow([
        ...US_REGIONS.map((region) => `arn:aws:bedrock:${region}::foundation-model/*`),
        ...US_REGIONS.map((region) => `arn:aws:bedrock:${region}:*:inference-profile/*`),
      ]),
      { Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: "*" },
    ),
    findings: [],
  },
  {
    says: "models of one Region, for direct calls",
    source: "a common Terraform module",
    document: policy(allow("arn:aws:bedrock:us-east-1::foundation-model/*")),
    findings: ["info profile-not-allowed"],
  },
  {
    says: "models bound to application inference profiles that another policy allows",
    source: "Amazon SageMaker Unified Studio, model consumption role",
    document: policy(
      allow(
        US_REGIONS.map((region) => model(region)),
        { ArnLike: { "bedrock:InferenceProfileArn": `arn:aws:bedrock:*:${ACCOUNT}:application-inference-profile/*` } },
      ),
    ),
    findings: ["warning profile-not-allowed"],
  },
  {
    says: "profiles of one geography, and a block of global ones by name",
    source: "a common guide for Europe",
    document: policy(
      allow([
        "arn:aws:bedrock:eu-central-1:<ACCOUNT_ID>:inference-profile/eu.*",
        "arn:aws:bedrock:eu-*::foundation-model/*",
      ]),
      { Effect: "Allow", Action: ["bedrock:ListInferenceProfiles", "bedrock:GetInferenceProfile"], Resource: "*" },
      deny(
        {
          StringEquals: { "aws:RequestedRegion": "unspecified" },
          ArnLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/global.*" },
        },
        { Action: "bedrock:*" },
      ),
    ),
    findings: ["info global-block-misses-application-profiles"],
  },
  {
    says: "a Region deny of everything, with every destination and unspecified",
    source: GLOBAL,
    document: policy(deny(outside(...US_REGIONS, "unspecified"), { Action: "*" })),
    findings: [],
  },
  {
    says: "a listing action on the ARNs of the models",
    source: "a common Terraform module",
    document: policy({
      Effect: "Allow",
      Action: ["bedrock:InvokeModel*", "bedrock:ListFoundationModels"],
      Resource: ["arn:aws:bedrock:*::foundation-model/*", "arn:aws:bedrock:*:*:inference-profile/*"],
    }),
    findings: ["error action-without-resource-type"],
  },
  {
    says: "the prefix of an endpoint next to the correct one",
    source: "a common tutorial",
    document: policy({
      Effect: "Allow",
      Action: [...INVOKE, "bedrock-runtime:InvokeModel", "bedrock-runtime:InvokeModelWithResponseStream"],
      Resource: "*",
    }),
    findings: ["info invalid-action-prefix"],
  },
  {
    says: "full access",
    source: "AWS managed policy AmazonBedrockFullAccess, its main statement",
    document: policy({ Effect: "Allow", Action: ["bedrock:*", "bedrock-mantle:*"], Resource: "*" }),
    findings: [],
  },
  {
    says: "Control Tower's Region deny for one Region of the United States",
    source: "AWS Control Tower Controls Reference, Region deny",
    document: REGION_DENY("us-east-1").document,
    findings: ["warning region-deny-cuts-destinations", "info unspecified-not-approved"],
  },
  {
    says: "Control Tower's Region deny for three Regions of the United States",
    source: "AWS Control Tower Controls Reference, Region deny",
    document: REGION_DENY(...US_REGIONS).document,
    findings: ["info unspecified-not-approved"],
  },
  {
    says: "Control Tower's Region deny for two Regions of Europe",
    source: "AWS Control Tower Controls Reference, Region deny",
    document: REGION_DENY("eu-central-1", "eu-west-1").document,
    findings: ["warning region-deny-cuts-destinations", "info unspecified-not-approved"],
  },
  {
    says: "Control Tower's Region deny for a Region from which no geographic profile is offered",
    source: "AWS Control Tower Controls Reference, Region deny",
    document: REGION_DENY("sa-east-1").document,
    findings: ["info unspecified-not-approved"],
  },
  {
    says: "the Region deny that exempts the invoke actions and denies them again with the profile exemption",
    source: SAMPLES,
    document: policy(
      regionDeny([...INVOKE, BATCH], {
        ...outside("eu-central-1", "eu-west-1"),
        ArnNotLike: { "aws:PrincipalARN": "arn:aws:iam::*:role/Privileged" },
      }),
      deny({ ...outside("eu-central-1", "eu-west-1"), ...except(EU) }, { Action: [...INVOKE, BATCH] }),
    ),
    findings: [],
  },
  {
    says: "the first statement of it alone",
    source: SAMPLES,
    document: policy(regionDeny([...INVOKE, BATCH], outside("eu-central-1", "eu-west-1"))),
    findings: ["warning exempt-invoke-not-denied-again"],
  },
  {
    says: "approved models, without profiles",
    source: SAMPLES,
    document: policy({
      Effect: "Deny",
      Action: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      NotResource: ["arn:aws:bedrock:*::foundation-model/anthropic.claude-*"],
    }),
    findings: ["error approved-models-deny-profiles"],
  },
  {
    says: "the article's first policy",
    source: ARTICLE,
    document: policy({
      Effect: "Deny",
      NotAction: "bedrock:*",
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": ["us-east-1", "us-west-2"] } },
    }),
    findings: [
      "warning deny-list-leaves-regions-open",
      "warning exempts-all-of-bedrock",
      "warning global-services-denied",
    ],
  },
  {
    says: "the article's second policy",
    source: ARTICLE,
    document: policy({
      Effect: "Deny",
      Action: "bedrock:InvokeModel*",
      Resource: "arn:aws:bedrock:*::foundation-model/*",
      Condition: except("arn:aws:bedrock:*:*:inference-profile/*", AIP),
    }),
    findings: ["warning exempts-any-profile", "warning exemption-covers-models-only"],
  },
  {
    says: "all of Bedrock taken out of the general Region deny, and denied again with a list that has every destination",
    source: BLOG,
    document: policy(
      regionDeny(["bedrock:*"], outside("us-east-1")),
      deny(outside(...US_REGIONS, "unspecified"), { Action: "bedrock:*" }),
    ),
    findings: [],
  },
  {
    says: "the lock on one geography",
    source: BLOG,
    document: policy(
      deny({ Null: { "bedrock:InferenceProfileArn": "false" }, ...except(US) }, { Action: "bedrock:*" }),
    ),
    findings: ["warning application-profiles-denied"],
  },
  {
    says: "the same exemption in a Deny of everything, with the principals that are exempt",
    source: "aws-samples, a sandbox's limit of Regions",
    document: policy({
      Effect: "Deny",
      Action: ["*"],
      Resource: ["*"],
      Condition: {
        ...outside("us-east-1"),
        ArnNotLike: {
          "aws:PrincipalARN": ["arn:aws:iam::*:role/Exempt"],
          "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/*",
        },
      },
    }),
    findings: ["warning exempts-any-profile"],
  },
  {
    says: "a block of one expensive model",
    source: "a common guard against cost",
    document: policy({ Effect: "Deny", Action: "bedrock:*", Resource: "arn:aws:bedrock:*::foundation-model/*opus*" }),
    findings: [],
  },
  {
    says: "invocations only with a guardrail",
    source: "Amazon Bedrock User Guide, Set up permissions to use guardrails",
    document: policy(allow("*"), {
      Effect: "Deny",
      Action: INVOKE,
      Resource: "*",
      Condition: {
        StringNotEquals: { "bedrock:GuardrailIdentifier": `arn:aws:bedrock:us-east-1:${ACCOUNT}:guardrail/g1` },
      },
    }),
    findings: [],
  },
  {
    says: "an application inference profile and the models behind it",
    source: "Amazon Bedrock User Guide, Prerequisites for inference profiles",
    document: policy(
      allow(`arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`),
      allow(
        US_REGIONS.map((region) => model(region)),
        {
          StringLike: {
            "bedrock:InferenceProfileArn": `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/*`,
          },
        },
      ),
    ),
    findings: [],
  },
  {
    says: "least privilege in AWS GovCloud (US)",
    source: GEO,
    document: gov(leastPrivilege(INVOKE)),
    findings: [],
  },
  {
    says: "a Region deny in AWS GovCloud (US) that leaves out the destination",
    source: GEO,
    document: policy(regionDeny([], { StringNotEquals: { "aws:RequestedRegion": ["us-gov-east-1"] } })),
    findings: ["warning region-deny-cuts-destinations"],
  },
  {
    says: "a Region deny in AWS GovCloud (US) with the destination",
    source: GEO,
    document: policy(
      regionDeny([], { StringNotEquals: { "aws:RequestedRegion": ["us-gov-east-1", "us-gov-west-1"] } }),
    ),
    findings: [],
  },
  {
    says: "an exemption of models only in AWS GovCloud (US)",
    source: GEO,
    document: gov(policy(deny({ ...governed, ...except(US, AIP) }, { Resource: model("*", "*") }))),
    findings: ["warning exemption-covers-models-only"],
  },
  ...["aws-us-gov", "aws-cn", "aws-eusc", "aws-iso"].flatMap((partition): DocumentRow[] => [
    {
      says: `approved models, without profiles, in ${partition}`,
      source: SAMPLES,
      document: policy({
        Effect: "Deny",
        Action: INVOKE,
        NotResource: [`arn:${partition}:bedrock:*::foundation-model/*`],
      }),
      findings: ["error approved-models-deny-profiles"],
    },
    {
      says: `an exemption of any profile in ${partition}`,
      source: ARTICLE,
      document: policy(
        deny({
          ...outside("unspecified"),
          ...except(`arn:${partition}:bedrock:*:*:inference-profile/*`),
        }),
      ),
      findings: ["warning exempts-any-profile"],
    },
    {
      says: `models and no profile in ${partition}`,
      source: GEO,
      document: policy(allow(`arn:${partition}:bedrock:*::foundation-model/*`)),
      findings: ["info profile-not-allowed"],
    },
  ]),
];
