import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseModelId } from "../../src/resolve/model-id.js";

const ACCOUNT = "111122223333";
const inAccount = (resource: string) => `arn:aws:bedrock:us-east-1:${ACCOUNT}:${resource}`;

describe("parseModelId", () => {
  it.each([
    ["amazon.nova-pro-v1:0", "foundation-model"],
    ["anthropic.claude-opus-5", "foundation-model"],
    ["openai.gpt-5.6-luna", "foundation-model"],
    ["acme.v3.2", "foundation-model"],
    ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", "foundation-model"],
    ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "inference-profile"],
    ["us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "inference-profile"],
    ["global.anthropic.claude-opus-5", "inference-profile"],
    ["in.openai.gpt-5.6-luna", "inference-profile"],
    ["uk.brandnew.model-1", "inference-profile"],
    [inAccount("inference-profile/us.amazon.nova-pro-v1:0"), "inference-profile"],
    ["a1b2c3d4e5f6", "application-inference-profile"],
    [inAccount("application-inference-profile/a1b2c3d4e5f6"), "application-inference-profile"],
    [inAccount("provisioned-model/abc"), "provisioned-model"],
    [inAccount("custom-model/amazon.titan/abc"), "custom-model"],
    [inAccount("custom-model-deployment/abc"), "custom-model-deployment"],
    [inAccount("imported-model/abc"), "imported-model"],
    [inAccount("prompt/ABCDEFGHIJ:1"), "prompt"],
    [inAccount("prompt-router/abc"), "prompt-router"],
    [inAccount("default-prompt-router/anthropic.claude:1"), "default-prompt-router"],
    [`arn:aws:sagemaker:us-east-1:${ACCOUNT}:endpoint/my-endpoint`, "marketplace-endpoint"],
    ["", "unknown"],
    ["nova", "unknown"],
    ["amazon.nova pro", "unknown"],
    ["https://example.com/model", "unknown"],
    [inAccount("knowledge-base/abc"), "unknown"],
    ["arn:aws:s3:::bucket/key", "unknown"],
  ])("%s is a %s", (id, kind) => expect(parseModelId(id)).toMatchObject({ kind, id }));

  it("splits a profile's ID at its geography", () => {
    expect(parseModelId("us-gov.amazon.nova-pro-v1:0")).toEqual({
      kind: "inference-profile",
      id: "us-gov.amazon.nova-pro-v1:0",
      profileId: "us-gov.amazon.nova-pro-v1:0",
      geography: "us-gov",
      modelId: "amazon.nova-pro-v1:0",
    });
  });

  it("reads partition, Region, and account of an ARN, and unspecified for the Region-less one", () => {
    const arn = "arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:inference-profile/us-gov.amazon.nova-pro-v1:0";
    expect(parseModelId(arn)).toMatchObject({
      arn,
      partition: "aws-us-gov",
      region: "us-gov-west-1",
      accountId: ACCOUNT,
    });
    expect(parseModelId("arn:aws:bedrock:::foundation-model/a.b")).toMatchObject({
      region: "unspecified",
      modelId: "a.b",
    });
  });

  it("never throws, and keeps the ID", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string().map((text) => `arn:aws:bedrock:${text}`),
      fc.stringMatching(/^[a-z.:0-9-]*$/),
    );
    fc.assert(
      fc.property(texts, (id) => {
        expect(parseModelId(id).id).toBe(id);
      }),
    );
  });

  it("rejects what is longer than any ID", () => {
    expect(parseModelId(`us.amazon.${"x".repeat(3_000)}`).kind).toBe("unknown");
  });
});
