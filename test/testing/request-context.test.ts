import { afterEach, describe, expect, it, vi } from "vitest";
import type { PolicyInput } from "../../src/policy/evaluation/layers.js";
import { authorizerOf, type VirtualPrincipal } from "../../src/testing/virtual-organization.js";

const LEG = {
  stage: "model" as const,
  action: "bedrock:InvokeModel",
  resource: "arn:aws:bedrock:us-east-1::foundation-model/m",
  region: "us-east-1",
};
const SESSION = "arn:aws:sts::111122223333:assumed-role/App/session";
const allowIf = (Condition: object): PolicyInput => ({
  name: "P",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*", Condition }] },
});
const ENDPOINT = {
  name: "Endpoint",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }] },
};

/** Whether the simulated Bedrock allows a request under this condition. */
function isAllowed(Condition: object, principal: Partial<VirtualPrincipal> = {}, endpoint?: PolicyInput): boolean {
  const who = { arn: SESSION, ...principal, identity: [allowIf(Condition)] };
  return authorizerOf(who, undefined, endpoint).blocks(LEG, { userAgent: "aws-sdk-js/3.1164.0" }) === undefined;
}

describe("the simulated Bedrock sets the keys that AWS always sends", () => {
  afterEach(() => vi.useRealTimers());

  it("the time of each request", () => {
    vi.useFakeTimers({ now: Date.parse("2026-06-01T12:00:00Z") });
    const identity = [allowIf({ DateLessThan: { "aws:CurrentTime": "2026-06-01T13:00:00Z" } })];
    const authorizer = authorizerOf({ arn: SESSION, identity }, undefined, undefined);
    expect(authorizer.blocks(LEG)).toBeUndefined();
    vi.setSystemTime(Date.parse("2026-06-01T13:00:01Z"));
    expect(authorizer.blocks(LEG)).toMatchObject({ policyType: "identity-based-policy" });
    expect(isAllowed({ NumericEquals: { "aws:EpochTime": "1780318801" } })).toBe(true);
  });

  it.each<[string, object, boolean]>([
    ["the user agent", { StringLike: { "aws:UserAgent": "aws-sdk-js/*" } }, true],
    ["the user ID of GetCallerIdentity", { StringEquals: { "aws:userid": "AIDASIMULATED" } }, true],
    ["a session's token", { Null: { "aws:TokenIssueTime": "false" } }, true],
    ["a session's new token", { DateGreaterThan: { "aws:TokenIssueTime": "2020-01-01" } }, true],
    ["a public source IP address", { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } }, true],
    [
      "no VPC endpoint",
      { Null: { "aws:SourceVpce": "true", "aws:SourceVpc": "true", "aws:VpcSourceIp": "true" } },
      true,
    ],
    ["no other key", { Null: { "aws:PrincipalTag/team": "true" } }, true],
    ["another network", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, false],
  ])("%s", (_, condition, allowed) => expect(isAllowed(condition)).toBe(allowed));

  it("a VPC endpoint instead of a source IP address", () => {
    const through = {
      Null: { "aws:SourceIp": "true", "aws:SourceVpce": "false", "aws:SourceVpc": "false", "aws:VpcSourceIp": "false" },
    };
    expect(isAllowed(through)).toBe(false);
    expect(isAllowed(through, {}, ENDPOINT)).toBe(true);
    expect(isAllowed(through, { context: { "aws:SourceVpce": "vpce-1" } })).toBe(true);
    expect(
      isAllowed({ StringEquals: { "aws:SourceVpce": "vpce-1" } }, { context: { "aws:SourceVpce": "vpce-1" } }),
    ).toBe(true);
  });

  it("a user's access key has no token, and a federated user's ID contains its name", () => {
    const token = { Null: { "aws:TokenIssueTime": "true" } };
    expect(isAllowed(token, { arn: "arn:aws:iam::111122223333:user/dana" })).toBe(true);
    const federated = { arn: "arn:aws:sts::111122223333:federated-user/dana", session: [allowIf({})] };
    expect(isAllowed({ StringEquals: { "aws:userid": "111122223333:dana" } }, federated)).toBe(true);
  });
});
