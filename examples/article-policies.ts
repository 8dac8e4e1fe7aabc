import type { PolicyInput } from "resilient-bedrock";

const policy = (name: string, statement: object, arn?: string): PolicyInput => ({
  name,
  document: { Version: "2012-10-17", Statement: [statement] },
  ...(arn ? { arn } : {}),
});

/** AWS attaches this policy to every new organization. */
export const FULL_ACCESS = policy("FullAWSAccess", { Effect: "Allow", Action: "*", Resource: "*" });

/** The article's situation: a destination Region of the profile is denied. */
export const BLOCKED_REGION = policy(
  "DenyRegions",
  {
    Sid: "DenyRegions",
    Effect: "Deny",
    Action: "*",
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestedRegion": ["us-west-2", "eu-west-1"] } },
  },
  "arn:aws:organizations::999900001111:policy/o-exampleorg1/service_control_policy/p-ex4mpl31",
);

/** The article's first proposal: the same deny, with all of Amazon Bedrock exempt. */
export const ARTICLE_ONE = policy("the article's first policy", {
  Effect: "Deny",
  NotAction: "bedrock:*",
  Resource: "*",
  Condition: { StringEquals: { "aws:RequestedRegion": ["us-west-2", "eu-west-1"] } },
});

/** The article's second proposal: models can be called only through inference profiles. */
export const ARTICLE_TWO = policy("the article's second policy", {
  Effect: "Deny",
  Action: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
  Resource: "arn:aws:bedrock:*::foundation-model/*",
  Condition: {
    ArnNotLike: {
      "bedrock:InferenceProfileArn": [
        "arn:aws:bedrock:*:*:inference-profile/*",
        "arn:aws:bedrock:*:*:application-inference-profile/*",
      ],
    },
  },
});
