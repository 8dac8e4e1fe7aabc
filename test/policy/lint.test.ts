import { describe, expect, it } from "vitest";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { ACCOUNT, MODEL, REGION_DENY } from "../cases/policies.js";

const INVOKE = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
const policy = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
const exempting = (InferenceProfileArn: string | string[], more: object = {}) => ({
  Effect: "Deny",
  Action: INVOKE,
  Resource: "*",
  Condition: {
    StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "unspecified"] },
    ArnNotLike: { "bedrock:InferenceProfileArn": InferenceProfileArn },
  },
  ...more,
});
const US = "arn:aws:bedrock:*:*:inference-profile/us.*";
const AIP = "arn:aws:bedrock:*:*:application-inference-profile/*";
const codes = (document: unknown) => lintPolicy(document).map(({ code }) => code);

describe("lintPolicy", () => {
  it.each<[string, unknown, string[]]>([
    [
      "the article's first policy",
      policy({
        Effect: "Deny",
        NotAction: "bedrock:*",
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": ["us-east-1", "us-west-2"] } },
      }),
      ["deny-list-leaves-regions-open", "exempts-all-of-bedrock", "global-services-denied"],
    ],
    [
      "the article's second policy",
      policy({
        Effect: "Deny",
        Action: "bedrock:InvokeModel*",
        Resource: "arn:aws:bedrock:*::foundation-model/*",
        Condition: { ArnNotLike: { "bedrock:InferenceProfileArn": ["arn:aws:bedrock:*:*:inference-profile/*", AIP] } },
      }),
      ["exempts-any-profile", "exemption-covers-models-only"],
    ],
    [
      "its commenter's policy",
      policy({
        Effect: "Allow",
        Action: [...INVOKE, "bedrock:Converse", "bedrock:ConverseStream"],
        Resource: ["arn:aws:bedrock:us-east-1::inference-profile/us.*", "arn:aws:bedrock:*::foundation-model/*"],
      }),
      ["operation-is-no-action", "operation-is-no-action", "profile-arn-without-account"],
    ],
    [
      "a profile ARN without an account, in an exemption",
      policy(exempting("arn:aws:bedrock:us-east-1::inference-profile/us.*")),
      ["profile-arn-without-account", "application-profiles-not-exempt"],
    ],
    [
      "one profile exempt from a deny of one Region",
      policy({
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: {
          StringEquals: { "aws:RequestedRegion": "us-east-2" },
          ArnNotLike: {
            "bedrock:InferenceProfileArn": `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${MODEL}`,
          },
        },
      }),
      ["deny-list-leaves-regions-open", "exemption-of-one-profile", "application-profiles-not-exempt"],
    ],
    [
      "Null as the carve-out",
      policy({
        Effect: "Deny",
        Action: INVOKE,
        Resource: "*",
        Condition: {
          StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "unspecified"] },
          Null: { "bedrock:InferenceProfileArn": "true" },
        },
      }),
      ["exempts-any-profile"],
    ],
    [
      "a geographic lock that denies application inference profiles",
      policy({
        Effect: "Deny",
        Action: INVOKE,
        Resource: "*",
        Condition: {
          Null: { "bedrock:InferenceProfileArn": "false" },
          ArnNotLike: { "bedrock:InferenceProfileArn": US },
        },
      }),
      ["application-profiles-denied"],
    ],
    [
      "approved models by NotResource",
      policy({ Effect: "Deny", Action: INVOKE, NotResource: ["arn:aws:bedrock:*::foundation-model/anthropic.*"] }),
      ["approved-models-deny-profiles"],
    ],
    [
      "Control Tower's ExemptedActions bedrock:Invoke*",
      policy({
        Effect: "Deny",
        NotAction: ["iam:*", "bedrock:Invoke*"],
        Resource: "*",
        Condition: { StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] } },
      }),
      ["exempts-direct-calls"],
    ],
    [
      "a placeholder without its star",
      policy(exempting("arn:aws:bedrock:*:*:inference-profile/eu")),
      ["exemption-matches-nothing", "application-profiles-not-exempt"],
    ],
    [
      "a block of global profiles by name",
      policy({
        Effect: "Deny",
        Action: "bedrock:*",
        Resource: "*",
        Condition: {
          StringEquals: { "aws:RequestedRegion": "unspecified" },
          ArnLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/global.*" },
        },
      }),
      ["global-block-misses-application-profiles"],
    ],
    [
      "the narrowest block of global routing",
      policy({
        Effect: "Deny",
        Action: "bedrock:*",
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": "unspecified" } },
      }),
      [],
    ],
    [
      "Control Tower's Region deny",
      REGION_DENY("us-east-1").document,
      ["region-deny-cuts-destinations", "unspecified-not-approved"],
    ],
    [
      "the recommended exemption",
      policy(exempting([US, `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`])),
      [],
    ],
    [
      "a condition on the profile key, which the profile's own leg doesn't have",
      policy({
        Effect: "Allow",
        Action: INVOKE,
        Resource: "*",
        Condition: { ArnLike: { "bedrock:InferenceProfileArn": US } },
      }),
      ["profile-condition-on-profile"],
    ],
    [
      "the same with IfExists",
      policy({
        Effect: "Allow",
        Action: INVOKE,
        Resource: "*",
        Condition: { ArnLikeIfExists: { "bedrock:InferenceProfileArn": US } },
      }),
      [],
    ],
    [
      "the key that one of AWS's pages misspells",
      policy({
        Effect: "Allow",
        Action: INVOKE,
        Resource: "*",
        Condition: { StringLike: { "aws:InferenceProfileArn": US } },
      }),
      ["wrong-condition-key"],
    ],
    [
      "an Allow for one Region",
      policy({
        Effect: "Allow",
        Action: INVOKE,
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } },
      }),
      ["region-condition-on-destinations"],
    ],
    [
      "no streaming",
      policy({ Effect: "Allow", Action: "bedrock:InvokeModel", Resource: "*" }),
      ["streaming-action-missing"],
    ],
    [
      "a Deny that streams pass",
      policy({ Effect: "Deny", Action: "bedrock:InvokeModel", Resource: "*" }),
      ["mantle-left-open", "streaming-action-missing"],
    ],
    [
      "an action that doesn't exist",
      policy({ Effect: "Allow", Action: ["bedrock:InvokeModels", ...INVOKE], Resource: "*" }),
      ["unknown-action"],
    ],
    [
      "actions of another service aren't checked",
      policy({ Effect: "Allow", Action: ["s3:Nonsense", "bedrock-mantle:CreateInference", ...INVOKE], Resource: "*" }),
      [],
    ],
    ["an invalid document", policy({ Effect: "allow", Action: INVOKE, Resource: "*" }), ["document-invalid"]],
    [
      "least privilege, geographic",
      policy(
        {
          Effect: "Allow",
          Action: INVOKE,
          Resource: `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${MODEL}`,
        },
        {
          Effect: "Allow",
          Action: INVOKE,
          Resource: ["us-east-1", "us-east-2", "us-west-2"].map(
            (region) => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`,
          ),
          Condition: {
            StringEquals: {
              "bedrock:InferenceProfileArn": `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${MODEL}`,
            },
          },
        },
      ),
      [],
    ],
  ])("%s", (_, document, expected) => {
    expect(codes(document).sort()).toEqual([...expected].sort());
    for (const { why, instead, path } of lintPolicy(document)) {
      expect(why).toMatch(/^\S.*\.$/s);
      expect(instead).not.toMatch(/undefined|^$/);
      expect(path).toMatch(/^\$/);
    }
  });

  it("returns the location, with the statement and its Sid", () => {
    expect(lintPolicy(REGION_DENY("us-east-1").document)).toMatchObject([
      {
        code: "region-deny-cuts-destinations",
        severity: "warning",
        statementIndex: 0,
        sid: "GRREGIONDENY",
        path: '$.Statement[0].Condition.StringNotEquals["aws:RequestedRegion"]',
        values: ["us", "us-east-1", "us-east-2", "us-west-2"],
      },
      {
        code: "unspecified-not-approved",
        severity: "info",
        statementIndex: 0,
        sid: "GRREGIONDENY",
        path: '$.Statement[0].Condition.StringNotEquals["aws:RequestedRegion"]',
        values: ["us-east-1"],
      },
    ]);
  });

  it("lists the legs that an Allow list doesn't cover, for a provided call", () => {
    const modelId = `us.${MODEL}`;
    const profile = knownProfile(modelId, "us-east-1")?.profile;
    const legs = authorizationLegs({
      operation: "Converse",
      modelId,
      sourceRegion: "us-east-1",
      accountId: ACCOUNT,
      ...(profile ? { profile } : {}),
    });
    const document = policy({
      Effect: "Allow",
      Action: INVOKE,
      Resource: [
        `arn:aws:bedrock:*:*:inference-profile/us.*`,
        `arn:aws:bedrock:us-east-1::foundation-model/${MODEL}`,
        `arn:aws:bedrock:us-east-2::foundation-model/${MODEL}`,
      ],
    });
    expect(lintPolicy(document, { legs })).toMatchObject([
      {
        code: "leg-not-allowed",
        severity: "error",
        path: "$.Statement[0]",
        values: ["bedrock:InvokeModel", `arn:aws:bedrock:us-west-2::foundation-model/${MODEL}`],
      },
    ]);
  });

  it("throws for anything that isn't a policy", () => {
    expect(() => lintPolicy("nonsense")).toThrow("policy must be a policy document");
  });
});
