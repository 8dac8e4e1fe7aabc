import type { AlternativeProfile } from "../../src/diagnosis.js";
import type { PolicyInput } from "../../src/policy/evaluation/layers.js";
import type { PolicySetInput } from "../../src/policy/evaluation/policy-set.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { FULL, REGION_DENY } from "../cases/policies.js";
import { CLAUDE, type Denied } from "./conclusions.js";

const ACCOUNT = "111122223333";
const US = `us.${CLAUDE}`;
const GLOBAL = `global.${CLAUDE}`;
const SCP = "arn:aws:organizations::999900001111:policy/o-exampleorg1/service_control_policy/p-ex4mpl31";
const BY_SCP = `with an explicit deny in a service control policy: ${SCP}`;
const model = (region: string, id = CLAUDE) => `arn:aws:bedrock:${region}::foundation-model/${id}`;
const profileArn = (id: string) => `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${id}`;
const application = `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`;

function denial(resource: string, reason: string, action = "bedrock:InvokeModel"): string {
  return `User: arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session is not authorized to perform: ${action} on resource: ${resource}${reason && ` ${reason}`}`;
}

const inOrganization = (policy: PolicyInput): PolicySetInput => ({
  identity: [FULL],
  serviceControl: [{ level: "Root", policies: [FULL, policy] }],
});

const onlyFor = (role: string): PolicyInput => ({
  name: "OnlyAdmin",
  document: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Deny", Action: "bedrock:*", Resource: "*", Condition: { ArnNotLike: { "aws:PrincipalArn": role } } },
    ],
  },
});

const EAST_1_AND_WEST_2: PolicyInput = {
  name: "AppPolicy",
  document: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "bedrock:*",
        Resource: ["arn:aws:bedrock:us-east-1:*:*", "arn:aws:bedrock:us-west-2:*:*"],
      },
    ],
  },
};

/** What GetInferenceProfile returned. */
const through = (profileId: string): Denied => {
  const profile = knownProfile(profileId, "us-east-1")?.profile;
  return { modelId: profileId, gathered: profile ? { profile } : {} };
};

const alternative: AlternativeProfile = {
  profileId: US,
  destinationRegions: ["us-east-1", "us-east-2", "us-west-2"],
  asOf: "2026-10-07",
  via: "bundled-catalog",
};

/** Kinds of denials: AWS's message, and the call. */
export const MESSAGES: [title: string, message: string, denied: Denied][] = [
  ["one destination Region, by a service control policy", denial(model("us-west-2"), BY_SCP), through(US)],
  [
    "one destination Region, with the Regions of the catalog",
    denial(model("us-west-2"), BY_SCP),
    {
      ...through(US),
      findings: [
        {
          code: "profile-from-bundled-catalog",
          profileId: US,
          destinationRegions: ["us-east-1", "us-east-2", "us-west-2"],
          asOf: "2026-10-07",
        },
      ],
    },
  ],
  ["one destination Region, with unknown destinations", denial(model("us-west-2"), BY_SCP), { modelId: US }],
  ["the source Region", denial(model("us-east-1"), BY_SCP), through(US)],
  ["the inference profile itself", denial(profileArn(US), BY_SCP), through(US)],
  [
    "global routing",
    denial(model(""), BY_SCP),
    { ...through(GLOBAL), gathered: { ...through(GLOBAL).gathered, alternatives: [alternative] } },
  ],
  ["an application inference profile", denial(model("us-west-2"), BY_SCP), { modelId: application }],
  [
    "a model that is called directly",
    denial(model("us-east-1", "amazon.nova-pro-v1:0"), BY_SCP),
    { modelId: "amazon.nova-pro-v1:0" },
  ],
  [
    "several destination Regions, by a provided policy",
    denial(model("us-west-2"), BY_SCP),
    { ...through(US), policies: inOrganization({ ...REGION_DENY("us-east-1"), arn: SCP }) },
  ],
  [
    "a provided policy that depends on a principal",
    denial(model("us-west-2"), BY_SCP),
    { ...through(US), policies: inOrganization({ ...onlyFor("arn:aws:iam::*:role/Admin"), arn: SCP }) },
  ],
  [
    "several policies",
    denial(model("us-west-2"), BY_SCP),
    {
      ...through(US),
      policies: {
        ...inOrganization({ ...REGION_DENY("us-east-1", "us-east-2"), arn: SCP }),
        identity: [EAST_1_AND_WEST_2],
      },
    },
  ],
  [
    "a policy of AWS Control Tower",
    denial(model("us-west-2"), BY_SCP),
    {
      ...through(US),
      policies: inOrganization({ ...REGION_DENY("us-east-1"), name: "aws-guardrails-AbCdEf", arn: SCP }),
    },
  ],
  [
    "no identity-based policy",
    denial(model("us-east-2"), "because no identity-based policy allows the bedrock:InvokeModel action"),
    through(US),
  ],
  [
    "no service control policy at some level",
    denial(model("us-east-2"), "because no service control policy allows the bedrock:InvokeModel action"),
    through(US),
  ],
  [
    "a VPC endpoint policy",
    denial(model("us-east-1"), "because no VPC endpoint policy allows the bedrock:InvokeModel action"),
    through(US),
  ],
  [
    "a session policy",
    denial(model("us-east-1"), "because no session policy allows the bedrock:InvokeModel action"),
    through(US),
  ],
  [
    "a quarantined access key",
    denial(
      model("us-east-1"),
      "with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
    ),
    through(US),
  ],
  ["an unidentified policy", denial(model("us-east-1"), ""), through(US)],
  [
    "a guardrail that the call doesn't send",
    denial(
      `arn:aws:bedrock:us-east-1:${ACCOUNT}:guardrail/gr1abc2def3g`,
      "because no identity-based policy allows the bedrock:ApplyGuardrail action",
      "bedrock:ApplyGuardrail",
    ),
    { ...through(US), facts: {} },
  ],
  [
    "an API key",
    denial(
      "*",
      "because no identity-based policy allows the bedrock:CallWithBearerToken action",
      "bedrock:CallWithBearerToken",
    ),
    through(US),
  ],
  [
    "model access",
    "You don't have access to the model with the specified model ID.",
    { ...through(US), regionFrom: "AWS_REGION" },
  ],
  [
    "AWS Marketplace",
    "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model.",
    through(US),
  ],
  [
    "the use case form",
    "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes.",
    { ...through(US), status: 404, errorName: "ResourceNotFoundException" },
  ],
  [
    "a model that needs a profile",
    `Invocation of model ID ${CLAUDE} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    { modelId: CLAUDE, status: 400, errorName: "ValidationException", gathered: { alternatives: [alternative] } },
  ],
  [
    "an invalid model ID",
    "The provided model identifier is invalid.",
    { modelId: "us.anthropic.claude-typo", status: 400, errorName: "ValidationException" },
  ],
  [
    "expired credentials",
    "The security token included in the request is expired",
    { ...through(US), errorName: "ExpiredTokenException" },
  ],
  [
    "rejected credentials",
    "The security token included in the request is invalid.",
    { ...through(US), errorName: "UnrecognizedClientException" },
  ],
  ["a restricted account", "Operation not allowed", { ...through(US), status: 400, errorName: "ValidationException" }],
  ["data retention", "data retention mode 'default' is not available for this model", through(US)],
  ["an unknown sentence", "Access for this workload has been paused by the provider.", through(US)],
  [
    "an unknown response of a proxy",
    "<html>403 Forbidden</html>",
    { ...through(US), errorName: "UnknownError", requestId: "" },
  ],
];
