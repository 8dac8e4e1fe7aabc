import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildArn, lastSegment, parseArn, partitionOfRegion } from "../src/arn.js";

const part = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const optional = fc.oneof(fc.constant(""), part);
const arn = fc.record({
  partition: part,
  service: part,
  region: optional,
  accountId: optional,
  resource: fc.stringMatching(/^[A-Za-z0-9/:._*-]{1,60}$/),
});

describe("parseArn", () => {
  it("is the inverse of buildArn", () => {
    fc.assert(
      fc.property(arn, (parts) => {
        expect(parseArn(buildArn(parts))).toEqual(parts);
      }),
    );
  });

  it("never throws, and what it parses prints as the same text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `arn:${text}`),
        ),
        (text) => {
          const parsed = parseArn(text);
          if (parsed) expect(buildArn(parsed)).toBe(text);
        },
      ),
    );
  });

  it("parses the ARN of global routing, without a Region and an account", () => {
    expect(parseArn("arn:aws:bedrock:::foundation-model/anthropic.claude-opus-5")).toEqual({
      partition: "aws",
      service: "bedrock",
      region: "",
      accountId: "",
      resource: "foundation-model/anthropic.claude-opus-5",
    });
  });

  it.each([
    "",
    "arn",
    "arn:aws:bedrock:us-east-1",
    "arn:aws:bedrock:us-east-1:",
    "arn:aws:bedrock:us-east-1::",
    "arn::bedrock:us-east-1::model",
    "arn:aws::us-east-1::model",
    "ARN:aws:bedrock:us-east-1::model",
    " arn:aws:bedrock:us-east-1::model",
    "arn:aws:bedrock:us-east-1:: model",
    "arn:aws:bedrock:us-east-1::model\n",
  ])("returns undefined for %j", (text) => expect(parseArn(text)).toBeUndefined());
});

describe("partitionOfRegion", () => {
  it.each([
    ["us-east-1", "aws"],
    ["us-gov-east-1", "aws-us-gov"],
    ["cn-north-1", "aws-cn"],
    ["us-iso-east-1", "aws-iso"],
    ["us-isob-east-1", "aws-iso-b"],
    ["eu-isoe-west-1", "aws-iso-e"],
    ["us-isof-south-1", "aws-iso-f"],
    ["eusc-de-east-1", "aws-eusc"],
  ])("%s is in %s", (region, partition) => expect(partitionOfRegion(region)).toBe(partition));
});

describe("lastSegment", () => {
  it.each([
    ["arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-2", "p-2"],
    ["arn:aws:iam::111122223333:role/team/App", "App"],
    ["us.anthropic.claude-x", "us.anthropic.claude-x"],
  ])("of %s is %s", (arn, segment) => expect(lastSegment(arn)).toBe(segment));
});
