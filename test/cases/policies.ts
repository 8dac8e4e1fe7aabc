// Whole policies against whole calls, written by hand from AWS's pages: what each leg comes to, and why.

import type { AccessPolicies, PolicyInput } from "../../src/policy/evaluation/layers.js";

export const ACCOUNT = "111122223333";
export const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const EVALUATION = "IAM User Guide, Policy evaluation logic";
const SCP = "AWS Organizations User Guide, SCP evaluation";
const GEO = "Amazon Bedrock User Guide, Geographic cross-Region inference";
const GLOBAL = "Amazon Bedrock User Guide, Global cross-Region inference";
const ARTICLE = "AWS re:Post, bedrock-access-denied-exception";
const CONTROL_TOWER = "AWS Control Tower Controls Reference, Region deny";
const SAMPLES = "aws-samples/service-control-policy-examples, Region controls";
const VARIABLES = "IAM User Guide, IAM policy elements: Variables and tags";
const NOT_ACTION = "IAM User Guide, IAM JSON policy elements: NotAction";
const ENDPOINT = "Amazon Bedrock User Guide, Use interface VPC endpoints";

const policy = (name: string, ...Statement: object[]): PolicyInput => ({
  name,
  document: { Version: "2012-10-17", Statement },
});
export const FULL = policy("FullAWSAccess", { Effect: "Allow", Action: "*", Resource: "*" });
const INVOKE = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`;
const profile = (prefix: string, region = "us-east-1") =>
  `arn:aws:bedrock:${region}:${ACCOUNT}:inference-profile/${prefix}.${MODEL}`;
const allow = (Resource: string | string[], Condition?: object) => ({
  Effect: "Allow",
  Action: INVOKE,
  Resource,
  ...(Condition ? { Condition } : {}),
});

/** One level for all SCPs, and an identity that may do everything. */
const scps = (...policies: PolicyInput[]): AccessPolicies => ({
  identity: [FULL],
  serviceControl: [{ level: "Root", policies: [FULL, ...policies] }],
});
const identity = (...Statement: object[]): AccessPolicies => ({ identity: [policy("AppPolicy", ...Statement)] });

const GLOBAL_SERVICES =
  "access-analyzer:* account:* aws-marketplace:* cloudtrail:LookupEvents iam:* kms:* organizations:* sts:*".split(" ");
/** GRREGIONDENY of AWS Control Tower, with fewer global services. */
export const REGION_DENY = (...regions: string[]) =>
  policy("GRREGIONDENY", {
    Sid: "GRREGIONDENY",
    Effect: "Deny",
    NotAction: GLOBAL_SERVICES,
    Resource: "*",
    Condition: {
      StringNotEquals: { "aws:RequestedRegion": regions },
      ArnNotLike: { "aws:PrincipalARN": ["arn:*:iam::*:role/AWSControlTowerExecution"] },
    },
  });

export interface PolicyRow {
  says: string;
  source: string;
  policies: AccessPolicies;
  prefix?: "us" | "eu" | "global" | "";
  sourceRegion?: string;
  operation?: string;
  principal?: string;
  managementAccountId?: string;
  context?: Record<string, string | string[] | null>;
  /** `stage region verdict` of each leg. */
  legs: string[];
  /** What the reason of the first leg that isn't allowed contains. */
  because?: string;
}

const US = (profileVerdict: string, source: string, east2: string, west2: string) => [
  `profile us-east-1 ${profileVerdict}`,
  `source-model us-east-1 ${source}`,
  `destination-model us-east-2 ${east2}`,
  `destination-model us-west-2 ${west2}`,
];
const GLOBALLY = (profileVerdict: string, source: string, anywhere: string) => [
  `profile us-east-1 ${profileVerdict}`,
  `source-model us-east-1 ${source}`,
  `global-model unspecified ${anywhere}`,
];
const [A, B, U] = ["allowed", "blocked", "unknown"] as const;

export const POLICY_ROWS: PolicyRow[] = [
  // The logic of layers.
  {
    says: "everything is denied by default",
    source: EVALUATION,
    policies: { identity: [] },
    legs: US(B, B, B, B),
    because: "No identity-based policy allows bedrock:InvokeModel",
  },
  { says: "an Allow allows", source: EVALUATION, policies: { identity: [FULL] }, legs: US(A, A, A, A) },
  {
    says: "policies that weren't provided are unknown",
    source: EVALUATION,
    policies: {},
    legs: US(U, U, U, U),
    because: "Unknown: identity-based policies weren't provided.",
  },
  {
    says: "an explicit deny overrides any allow",
    source: EVALUATION,
    policies: identity(allow("*"), {
      Sid: "NoWest",
      Effect: "Deny",
      Action: "bedrock:*",
      Resource: model("us-west-2"),
    }),
    legs: US(A, A, A, B),
    because: "The identity-based policy AppPolicy ($.Statement[1], Sid NoWest) denies it.",
  },
  {
    says: "an explicit deny blocks even if everything else is unknown",
    source: EVALUATION,
    policies: { serviceControl: scps(REGION_DENY("us-east-1")).serviceControl ?? [] },
    legs: US(U, U, B, B),
  },
  {
    says: "a permissions boundary must allow as well",
    source: EVALUATION,
    policies: { identity: [FULL], boundary: policy("Boundary", allow([profile("us"), model("us-*")])) },
    legs: US(A, A, A, A),
  },
  {
    says: "a permissions boundary that doesn't allow blocks",
    source: EVALUATION,
    policies: { identity: [FULL], boundary: policy("Boundary", allow(model("us-east-1"))) },
    legs: US(B, A, B, B),
    because: "No permissions boundary allows",
  },
  {
    says: "a boundary allows nothing by itself",
    source: EVALUATION,
    policies: { identity: [], boundary: FULL },
    legs: US(B, B, B, B),
  },
  {
    says: "a session policy must allow as well, one of several is enough",
    source: EVALUATION,
    policies: { identity: [FULL], session: [policy("S1", allow(profile("us"))), policy("S2", allow(model("*")))] },
    legs: US(A, A, A, A),
  },
  {
    says: "a session policy that doesn't allow blocks",
    source: EVALUATION,
    policies: { identity: [FULL], session: [policy("S1", allow(profile("us")))] },
    legs: US(A, B, B, B),
    because: "No session policy allows",
  },
  {
    says: "a VPC endpoint policy must allow the profile and every model",
    source: ENDPOINT,
    policies: {
      identity: [FULL],
      vpcEndpoint: policy("Endpoint", { ...allow([profile("us"), model("us-east-1")]), Principal: "*" }),
    },
    legs: US(A, A, B, B),
    because: "No VPC endpoint policy allows",
  },
  {
    says: "a VPC endpoint policy for the account's principals",
    source: ENDPOINT,
    policies: { identity: [FULL], vpcEndpoint: policy("Endpoint", { ...allow("*"), Principal: { AWS: ACCOUNT } }) },
    legs: US(A, A, A, A),
  },
  {
    says: "a VPC endpoint policy for another role",
    source: ENDPOINT,
    policies: {
      identity: [FULL],
      vpcEndpoint: policy("Endpoint", { ...allow("*"), Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/Other` } }),
    },
    legs: US(B, B, B, B),
  },
  {
    says: "NotPrincipal spares who is listed in every way",
    source: "IAM User Guide, AWS JSON policy elements: NotPrincipal",
    policies: {
      identity: [FULL],
      vpcEndpoint: policy(
        "Endpoint",
        { ...allow("*"), Principal: "*" },
        {
          Effect: "Deny",
          Action: "*",
          Resource: "*",
          NotPrincipal: { AWS: [`arn:aws:iam::${ACCOUNT}:role/App`, `arn:aws:iam::${ACCOUNT}:root`] },
        },
      ),
    },
    principal: `arn:aws:iam::${ACCOUNT}:role/App`,
    legs: US(A, A, A, A),
  },
  {
    says: "NotPrincipal applies to everyone else",
    source: "IAM User Guide, AWS JSON policy elements: NotPrincipal",
    policies: {
      identity: [FULL],
      vpcEndpoint: policy(
        "Endpoint",
        { ...allow("*"), Principal: "*" },
        { Effect: "Deny", Action: "*", Resource: "*", NotPrincipal: { AWS: `arn:aws:iam::444455556666:role/Other` } },
      ),
    },
    legs: US(B, B, B, B),
  },
  {
    says: "streaming is another action",
    source: "Service Authorization Reference, Amazon Bedrock",
    policies: identity({ Effect: "Allow", Action: "bedrock:InvokeModel", Resource: "*" }),
    operation: "ConverseStream",
    legs: US(B, B, B, B),
    because: "almost matches, except for its Action",
  },
  {
    says: "actions are matched in any case",
    source: "IAM User Guide, IAM JSON policy elements: Action",
    policies: identity({ Effect: "Allow", Action: "Bedrock:INVOKE*", Resource: "*" }),
    legs: US(A, A, A, A),
  },
  {
    says: "NotAction allows all but what it names",
    source: NOT_ACTION,
    policies: identity({ Effect: "Allow", NotAction: "bedrock:Delete*", Resource: "*" }),
    legs: US(A, A, A, A),
  },
  {
    says: "NotAction does not allow what it names",
    source: NOT_ACTION,
    policies: identity({ Effect: "Allow", NotAction: "bedrock:Invoke*", Resource: "*" }),
    legs: US(B, B, B, B),
  },
  {
    says: "NotResource denies all but what it names",
    source: "IAM User Guide, IAM JSON policy elements: NotResource",
    policies: identity(allow("*"), {
      Effect: "Deny",
      Action: INVOKE,
      NotResource: [model("us-east-*"), profile("us")],
    }),
    legs: US(A, A, A, B),
  },
  {
    says: "bedrock:Converse grants nothing",
    source: "Service Authorization Reference, Amazon Bedrock",
    policies: identity({ Effect: "Allow", Action: ["bedrock:Converse", "bedrock:ConverseStream"], Resource: "*" }),
    legs: US(B, B, B, B),
  },
  {
    says: "the root user needs no identity-based policy",
    source: EVALUATION,
    policies: {},
    principal: `arn:aws:iam::${ACCOUNT}:root`,
    legs: US(A, A, A, A),
  },
  // Elements that aren't understood.
  {
    says: "an Allow with an unknown operator allows nothing for certain",
    source: EVALUATION,
    policies: identity(allow("*", { StringMatches: { "aws:x": "y" } })),
    legs: US(U, U, U, U),
    because: "or interpret it differently than intended",
  },
  {
    says: "a Deny with an unknown operator isn't skipped",
    source: EVALUATION,
    policies: identity(allow("*"), {
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { StringMatches: { "aws:x": "y" } },
    }),
    legs: US(U, U, U, U),
  },
  {
    says: "an unknown Effect might be a Deny",
    source: EVALUATION,
    policies: identity(allow("*"), { Effect: "deny", Action: "*", Resource: model("us-west-2") }),
    legs: US(A, A, A, U),
  },
  {
    says: "a key whose value is unknown differs from an absent key",
    source: "IAM User Guide, Condition operators",
    policies: identity(allow("*"), {
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { StringNotEquals: { "aws:PrincipalTag/team": "ml" } },
    }),
    legs: US(U, U, U, U),
    because: "depends on aws:PrincipalTag/team",
  },
  {
    says: "a key that is known to be absent matches a negated operator",
    source: "IAM User Guide, Condition operators",
    context: { "aws:PrincipalTag/team": null },
    policies: identity(allow("*"), {
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { StringNotEquals: { "aws:PrincipalTag/team": "ml" } },
    }),
    legs: US(B, B, B, B),
    because: "aws:PrincipalTag/team is absent",
  },
  {
    says: "keys are matched in any case",
    source: "IAM User Guide, Condition operators",
    context: { "AWS:principaltag/TEAM": "ml" },
    policies: identity(allow("*", { StringEquals: { "aws:PrincipalTag/team": "ml" } })),
    legs: US(A, A, A, A),
  },
  {
    says: "a variable without a value matches no resource",
    source: VARIABLES,
    context: { "aws:PrincipalTag/model": null },
    policies: identity(
      allow([
        "arn:aws:bedrock:*:*:inference-profile/*",
        "arn:aws:bedrock:*::foundation-model/${aws:PrincipalTag/model}",
      ]),
    ),
    legs: US(A, B, B, B),
  },
  {
    says: "a variable with a value matches it",
    source: VARIABLES,
    context: { "aws:PrincipalTag/model": MODEL },
    policies: identity(
      allow([
        "arn:aws:bedrock:*:*:inference-profile/*",
        "arn:aws:bedrock:*::foundation-model/${aws:PrincipalTag/model}",
      ]),
    ),
    legs: US(A, A, A, A),
  },
  // Levels of service control policies: the page's scenarios, with Bedrock in place of EC2 and S3.
  {
    says: "every level must allow: all do",
    source: SCP,
    policies: {
      identity: [FULL],
      serviceControl: [
        { level: "Root", policies: [FULL] },
        { level: "Workloads", policies: [FULL] },
        { level: ACCOUNT, policies: [FULL] },
      ],
    },
    legs: US(A, A, A, A),
  },
  {
    says: "a level with no matching Allow blocks, without a Deny",
    source: SCP,
    policies: {
      identity: [FULL],
      serviceControl: [
        { level: "Root", policies: [FULL] },
        { level: "Sandbox", policies: [policy("AllowEc2", { Effect: "Allow", Action: "ec2:*", Resource: "*" })] },
        { level: ACCOUNT, policies: [FULL] },
      ],
    },
    legs: US(B, B, B, B),
    because: "No service control policy at level Sandbox allows bedrock:InvokeModel",
  },
  {
    says: "a level without any policy blocks",
    source: SCP,
    policies: {
      identity: [FULL],
      serviceControl: [
        { level: "Root", policies: [] },
        { level: ACCOUNT, policies: [FULL] },
      ],
    },
    legs: US(B, B, B, B),
    because: "level Root",
  },
  {
    says: "a Deny at the root overrides what is allowed below",
    source: SCP,
    policies: {
      identity: [FULL],
      serviceControl: [
        {
          level: "Root",
          policies: [FULL, policy("DenyBedrock", { Effect: "Deny", Action: "bedrock:*", Resource: "*" })],
        },
        { level: "Workloads", policies: [FULL] },
      ],
    },
    legs: US(B, B, B, B),
    because: "DenyBedrock at level Root",
  },
  {
    says: "an SCP grants nothing by itself",
    source: SCP,
    policies: { identity: [], serviceControl: [{ level: "Root", policies: [FULL] }] },
    legs: US(B, B, B, B),
  },
  {
    says: "an SCP's Allow may have conditions and resources",
    source: "AWS Organizations User Guide, SCP syntax",
    policies: {
      identity: [FULL],
      serviceControl: [
        {
          level: "Root",
          policies: [
            policy("UsOnly", {
              Effect: "Allow",
              Action: "bedrock:*",
              Resource: "*",
              Condition: { StringLike: { "aws:RequestedRegion": "us-east-*" } },
            }),
          ],
        },
      ],
    },
    legs: US(A, A, A, B),
    because: "almost matches, except for its Condition: aws:RequestedRegion is us-west-2",
  },
  {
    says: "the management account isn't subject to SCPs",
    source: "AWS Organizations User Guide, Service control policies",
    policies: scps(policy("DenyAll", { Effect: "Deny", Action: "*", Resource: "*" })),
    managementAccountId: ACCOUNT,
    legs: US(A, A, A, A),
  },
  {
    says: "service-linked roles aren't subject to SCPs",
    source: "AWS Organizations User Guide, Service control policies",
    policies: scps(policy("DenyAll", { Effect: "Deny", Action: "*", Resource: "*" })),
    principal: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/bedrock.amazonaws.com/AWSServiceRoleForBedrock`,
    legs: US(A, A, A, A),
  },
  {
    says: "the root user is subject to SCPs",
    source: "AWS Organizations User Guide, Service control policies",
    policies: scps(policy("DenyAll", { Effect: "Deny", Action: "*", Resource: "*" })),
    principal: `arn:aws:iam::${ACCOUNT}:root`,
    legs: US(B, B, B, B),
  },
  // Region denies.
  {
    says: "Control Tower's Region deny blocks a destination that is not governed",
    source: CONTROL_TOWER,
    policies: scps(REGION_DENY("us-east-1", "us-east-2")),
    legs: US(A, A, A, B),
    because: "GRREGIONDENY at level Root",
  },
  {
    says: "Control Tower's Region deny blocks global routing",
    source: CONTROL_TOWER,
    policies: scps(REGION_DENY("us-east-1", "us-west-2")),
    prefix: "global",
    legs: GLOBALLY(A, A, B),
    because: "aws:RequestedRegion is unspecified",
  },
  {
    says: "Control Tower's own role is exempt",
    source: CONTROL_TOWER,
    policies: scps(REGION_DENY("us-east-1")),
    principal: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSControlTowerExecution/s`,
    legs: US(A, A, A, A),
  },
  {
    says: '"unspecified" in the list of approved Regions opens global routing',
    source: GLOBAL,
    policies: scps(REGION_DENY("us-east-1", "unspecified")),
    prefix: "global",
    legs: GLOBALLY(A, A, A),
  },
  {
    says: "the profile exemption allows routed calls from an approved source Region",
    source: SAMPLES,
    policies: scps(
      policy(
        "RegionDenyWithExemption",
        {
          Effect: "Deny",
          NotAction: [...GLOBAL_SERVICES, ...INVOKE],
          Resource: "*",
          Condition: { StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] } },
        },
        {
          Effect: "Deny",
          Action: INVOKE,
          Resource: "*",
          Condition: {
            StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] },
            ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" },
          },
        },
      ),
    ),
    legs: US(A, A, A, A),
  },
  {
    says: "the profile exemption doesn't allow another source Region",
    source: SAMPLES,
    policies: scps(
      policy("Exemption", {
        Effect: "Deny",
        Action: INVOKE,
        Resource: "*",
        Condition: {
          StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] },
          ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" },
        },
      }),
    ),
    sourceRegion: "us-west-2",
    legs: [
      "profile us-west-2 blocked",
      "source-model us-west-2 allowed",
      "destination-model us-east-1 allowed",
      "destination-model us-east-2 allowed",
    ],
  },
  {
    says: "the profile exemption doesn't allow a direct call",
    source: SAMPLES,
    policies: scps(
      policy("Exemption", {
        Effect: "Deny",
        Action: INVOKE,
        Resource: "*",
        Condition: {
          StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] },
          ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" },
        },
      }),
    ),
    prefix: "",
    sourceRegion: "us-west-2",
    legs: ["model us-west-2 blocked"],
  },
  {
    says: "the profile exemption of one geography doesn't allow another",
    source: SAMPLES,
    policies: scps(
      policy("Exemption", {
        Effect: "Deny",
        Action: INVOKE,
        Resource: "*",
        Condition: {
          StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] },
          ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" },
        },
      }),
    ),
    prefix: "global",
    legs: GLOBALLY(A, A, B),
  },
  // The article, with its faults.
  {
    says: "the article's first policy: a deny list blocks the Regions in it, except for Bedrock",
    source: ARTICLE,
    policies: scps(
      policy("ArticleOne", {
        Effect: "Deny",
        NotAction: "bedrock:*",
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": ["us-west-2"] } },
      }),
    ),
    legs: US(A, A, A, A),
  },
  {
    says: "the article's situation: a deny list that contains a destination blocks it",
    source: ARTICLE,
    policies: scps(
      policy("DenyWest", {
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": ["us-west-2"] } },
      }),
    ),
    legs: US(A, A, A, B),
  },
  {
    says: "the article's second policy exempts any profile, also for global routing",
    source: ARTICLE,
    policies: scps(
      policy("ArticleTwo", {
        Effect: "Deny",
        Action: ["bedrock:InvokeModel*"],
        Resource: ["arn:aws:bedrock:*::foundation-model/*"],
        Condition: {
          ArnNotLike: {
            "bedrock:InferenceProfileArn": [
              "arn:aws:bedrock:*:*:inference-profile/*",
              "arn:aws:bedrock:*:*:application-inference-profile/*",
            ],
          },
        },
      }),
    ),
    prefix: "global",
    legs: GLOBALLY(A, A, A),
  },
  {
    says: "the article's second policy denies a direct call",
    source: ARTICLE,
    policies: scps(
      policy("ArticleTwo", {
        Effect: "Deny",
        Action: ["bedrock:InvokeModel*"],
        Resource: ["arn:aws:bedrock:*::foundation-model/*"],
        Condition: { ArnNotLike: { "bedrock:InferenceProfileArn": ["arn:aws:bedrock:*:*:inference-profile/*"] } },
      }),
    ),
    prefix: "",
    legs: ["model us-east-1 blocked"],
  },
  {
    says: "a commenter's profile ARN without an account matches no profile",
    source: ARTICLE,
    policies: identity(
      allow(["arn:aws:bedrock:us-east-1::inference-profile/us.*", "arn:aws:bedrock:*::foundation-model/*"]),
    ),
    legs: US(B, A, A, A),
    because: "almost matches, except for the account in its Resource",
  },
  // Identity policies.
  {
    says: "least privilege, geographic",
    source: GEO,
    policies: identity(
      allow(profile("us")),
      allow([model("us-east-1"), model("us-east-2"), model("us-west-2")], {
        StringEquals: { "bedrock:InferenceProfileArn": profile("us") },
      }),
    ),
    legs: US(A, A, A, A),
  },
  {
    says: "least privilege doesn't allow the direct call",
    source: GEO,
    policies: identity(
      allow(profile("us")),
      allow([model("us-east-1")], { StringEquals: { "bedrock:InferenceProfileArn": profile("us") } }),
    ),
    prefix: "",
    legs: ["model us-east-1 blocked"],
  },
  {
    says: "a list without one destination",
    source: GEO,
    policies: identity(allow(profile("us")), allow([model("us-east-1"), model("us-east-2")])),
    legs: US(A, A, A, B),
    because: "almost matches, except for the Region in its Resource",
  },
  {
    says: "a positive condition on bedrock:InferenceProfileArn never matches the profile itself",
    source: GEO,
    policies: identity(
      allow("*", { ArnLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" } }),
    ),
    legs: US(B, A, A, A),
    because: "bedrock:InferenceProfileArn is absent",
  },
  {
    says: "a condition on one Region denies the destinations",
    source: GEO,
    policies: identity(allow("*", { StringEquals: { "aws:RequestedRegion": "us-east-1" } })),
    legs: US(A, A, B, B),
    because: "aws:RequestedRegion is us-east-2",
  },
  {
    says: "least privilege, global: three statements",
    source: GLOBAL,
    prefix: "global",
    policies: identity(
      allow(profile("global"), { StringEquals: { "aws:RequestedRegion": "us-east-1" } }),
      allow(model("us-east-1"), {
        StringEquals: { "aws:RequestedRegion": "us-east-1", "bedrock:InferenceProfileArn": profile("global") },
      }),
      allow(model(""), {
        StringEquals: { "aws:RequestedRegion": "unspecified", "bedrock:InferenceProfileArn": profile("global") },
      }),
    ),
    legs: GLOBALLY(A, A, A),
  },
  {
    says: "global, without the Region-less model",
    source: GLOBAL,
    prefix: "global",
    policies: identity(allow([profile("global"), model("us-east-1")])),
    legs: GLOBALLY(A, A, B),
  },
  {
    says: "a star for the Region matches the Region-less ARN, and a list of Regions doesn't",
    source: GLOBAL,
    prefix: "global",
    policies: identity(allow([profile("global"), model("*")])),
    legs: GLOBALLY(A, A, A),
  },
];
