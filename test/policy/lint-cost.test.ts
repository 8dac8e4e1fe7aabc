import { beforeEach, describe, expect, it, vi } from "vitest";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import { policy } from "../cases/lint.js";

const counted = vi.hoisted(() => ({ matches: 0 }));
vi.mock("../../src/policy/evaluation/statement.js", async (load) => {
  const original = await load<typeof import("../../src/policy/evaluation/statement.js")>();
  const matchStatement: typeof original.matchStatement = (statement, request) => {
    counted.matches++;
    return original.matchStatement(statement, request);
  };
  return { ...original, matchStatement };
});

const inRegion = (operator: string, region: string) => ({ [operator]: { "aws:RequestedRegion": region } });
const profile = (at: number) => `arn:aws:bedrock:*:*:inference-profile/us.model-${at}`;
const modelOf = (at: number) => `arn:aws:bedrock:us-east-1::foundation-model/model-${at}`;

/** Documents of many statements that are alike, each of a kind that some rule compares with others. */
const KINDS: Record<string, (at: number) => object> = {
  "Allows of everything": () => ({ Effect: "Allow", Action: "*", Resource: "*" }),
  "Allows by Region": (at) => ({
    Effect: "Allow",
    Action: "*",
    Resource: "*",
    Condition: inRegion("StringEquals", `xx-${at}`),
  }),
  "profiles and models": (at) => ({
    Effect: "Allow",
    Action: "bedrock:*",
    Resource: at % 2 === 0 ? profile(at >> 1) : modelOf(at >> 1),
  }),
  "profiles with a condition on the profile": (at) => ({
    Effect: "Allow",
    Action: "bedrock:*",
    Resource: profile(at),
    Condition: { ArnLike: { "bedrock:InferenceProfileArn": "*" } },
  }),
  "profiles in no Region": (at) => ({
    Effect: "Allow",
    Action: "bedrock:*",
    Resource: profile(at),
    Condition: inRegion("StringEquals", "unspecified"),
  }),
  "Region denies": (at) => ({
    Effect: "Deny",
    NotAction: "iam:*",
    Resource: "*",
    Condition: inRegion("StringNotEquals", `us-east-${at % 3}`),
  }),
  "Region denies without Bedrock": (at) => ({
    Effect: "Deny",
    NotAction: "bedrock:*",
    Resource: "*",
    Condition: inRegion("StringEquals", `xx-${at}`),
  }),
  exemptions: (at) => ({
    Effect: "Deny",
    Action: "bedrock:InvokeModel*",
    Resource: "*",
    Condition: { ArnNotLike: { "bedrock:InferenceProfileArn": profile(at) } },
  }),
};

describe("the cost of lintPolicy", () => {
  beforeEach(() => {
    counted.matches = 0;
  });
  const costOf = (make: (at: number) => object, statements: number) => {
    counted.matches = 0;
    lintPolicy(policy(...Array.from({ length: statements }, (_, at) => make(at))));
    return counted.matches;
  };

  it.each(Object.entries(KINDS))("grows with the number of statements, not with its square: %s", (_, make) => {
    const some = costOf(make, 100);
    // Four times the statements would cost sixteen times as much.
    expect(costOf(make, 400)).toBeLessThan(Math.max(some, 100) * 6);
  });
});
