import { describe, expect, it } from "vitest";
import {
  decisionOfSimulation,
  isBlind,
  type SimulatedDecision,
  simulationRequests,
} from "../../src/diagnose/sources/simulated.js";
import { compilePolicies, type PolicySetInput } from "../../src/policy/evaluation/policy-set.js";
import { authorizationLegs } from "../../src/resolve/legs.js";

const ROLE = "arn:aws:iam::111122223333:role/App";
const PROFILE = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-pro-v1:0";
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/amazon.nova-pro-v1:0`;
const legs = authorizationLegs({
  operation: "Converse",
  modelId: "us.amazon.nova-pro-v1:0",
  sourceRegion: "us-east-1",
  accountId: "111122223333",
  profile: {
    id: "us.amazon.nova-pro-v1:0",
    type: "SYSTEM_DEFINED",
    sourceRegion: "us-east-1",
    models: ["us-east-1", "us-west-2"].map((region) => ({
      arn: model(region),
      modelId: "amazon.nova-pro-v1:0",
      region,
    })),
  },
});

describe("simulationRequests", () => {
  it("returns one request for each distinct context, because a context applies to a whole request", () => {
    const given = compilePolicies(
      { context: { "aws:PrincipalTag/team": "search", "aws:SourceVpce": null } },
      "policies",
    );
    const context = new Map([
      ["aws:principalisawsservice", ["false"]],
      ["aws:viaawsservice", ["false"]],
      ["aws:securetransport", ["true"]],
      ["aws:principaltag/team", ["search"]],
    ]);
    const shared = { policySourceArn: ROLE, action: "bedrock:InvokeModel", context };
    expect(simulationRequests(ROLE, legs, given)).toEqual([
      { ...shared, region: "us-east-1", resources: [PROFILE] },
      { ...shared, region: "us-east-1", inferenceProfileArn: PROFILE, resources: [model("us-east-1")] },
      { ...shared, region: "us-west-2", inferenceProfileArn: PROFILE, resources: [model("us-west-2")] },
    ]);
  });
});

describe("isBlind", () => {
  const denied: SimulatedDecision = { decision: "implicitDeny" };
  const allowed: SimulatedDecision = { decision: "allowed" };
  const [leg] = legs;
  if (!leg) throw new Error("no leg");
  const blind = (
    simulated: SimulatedDecision,
    {
      knowledge,
      isGuessed = false,
      arn = ROLE,
      unknownKeys = [],
    }: { knowledge?: PolicySetInput; isGuessed?: boolean; arn?: string; unknownKeys?: string[] } = {},
  ) =>
    isBlind(simulated, {
      leg,
      simulation: { policySourceArn: arn, isGuessed, legs: [] },
      given: knowledge && compilePolicies(knowledge, "policies"),
      evaluation: knowledge && {
        leg,
        verdict: "unknown",
        unknown: [{ policyType: "identity-based-policy", why: "not-provided" }],
      },
      context: { values: {}, absent: [], unknown: unknownKeys },
    });
  const told: PolicySetInput = { unknownContext: "absent" };

  it.each<[string, boolean, SimulatedDecision, Parameters<typeof blind>[1]?]>([
    ["a denial by identity-based policies is conclusive", false, denied],
    ["unless the role was guessed", true, denied, { isGuessed: true }],
    ["or if a key that they test is missing", true, { ...denied, missingContextKeys: ["aws:PrincipalTag/team"] }],
    [
      "which is conclusive if the application states what is absent",
      false,
      { ...denied, missingContextKeys: ["aws:PrincipalTag/team"] },
      { knowledge: told },
    ],
    ["a denial by the organization might be due to a missing key", true, { ...denied, allowedByOrganizations: false }],
    [
      "but not if the application states what is absent",
      false,
      { ...denied, allowedByOrganizations: false },
      { knowledge: told },
    ],
    [
      "and the partition is the one that AWS documents it for",
      true,
      { ...denied, allowedByOrganizations: false },
      { knowledge: told, arn: "arn:aws-us-gov:iam::111122223333:role/App" },
    ],
    ["an allow doesn't cover session policies and endpoint policies", true, allowed],
    ["unless the application described them", false, allowed, { knowledge: told }],
    [
      "and the call has no keys of its own",
      true,
      { ...denied, allowedByOrganizations: false },
      { knowledge: told, unknownKeys: ["bedrock:guardrailidentifier"] },
    ],
    [
      "the profile key is absent in the leg of the profile itself",
      false,
      { ...denied, missingContextKeys: ["bedrock:InferenceProfileArn"] },
    ],
    [
      "and so is what the application states as absent",
      false,
      { ...denied, missingContextKeys: ["aws:SourceVpce"] },
      { knowledge: { context: { "aws:SourceVpce": null } } },
    ],
  ])("%s", (_, expected, simulated, how) => {
    expect(blind(simulated, how)).toBe(expected);
  });
});

describe("decisionIn", () => {
  it.each<[SimulatedDecision, object | undefined]>([
    [{ decision: "allowed" }, undefined],
    [{ decision: "implicitDeny" }, { policyType: "identity-based-policy", denyKind: "implicit" }],
    [
      { decision: "explicitDeny", allowedByOrganizations: true, allowedByBoundary: true },
      { policyType: "identity-based-policy", denyKind: "explicit" },
    ],
    [
      { decision: "implicitDeny", allowedByBoundary: false },
      { policyType: "permissions-boundary", denyKind: "implicit" },
    ],
    [
      { decision: "implicitDeny", allowedByOrganizations: false },
      { policyType: "service-control-policy", denyKind: "implicit" },
    ],
    [{ decision: "explicitDeny", allowedByOrganizations: false }, { policyType: "service-control-policy" }],
    [{ decision: "implicitDeny", allowedByOrganizations: false, allowedByBoundary: false }, undefined],
  ])("returns the decision of %j: %j", (simulated, decision) => {
    expect(decisionOfSimulation(simulated)).toEqual(decision);
  });
});
