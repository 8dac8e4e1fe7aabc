import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  authorizationLegs,
  evaluateAccess,
  type PolicySet,
  type PolicySetInput,
  policySet,
} from "../../src/offline.js";
import { policy } from "../policies.js";

const principal = { arn: "arn:aws:sts::111122223333:assumed-role/App/session" };
const legs = authorizationLegs({ operation: "Converse", modelId: "amazon.nova-pro-v1:0", sourceRegion: "us-east-1" });
const allow = { Effect: "Allow", Action: "*", Resource: "*" };
const tagged = { StringEquals: { "aws:PrincipalTag/team": "search" } };
const FULL = policy("Full", allow);
const DENY = [{ level: "Root", policies: [FULL, policy("Deny", { ...allow, Effect: "Deny" })] }];

const verdictOf = (policies: PolicySet | PolicySetInput, more = {}) =>
  evaluateAccess({ legs, principal, policies, ...more })[0]?.verdict;

describe("policySet", () => {
  it.each<[unknown, string]>([
    [null, "policies must be an object of policies."],
    [[FULL], "policies must be an object of policies."],
    [{ scp: [] }, "Unknown option policies.scp. Valid options: identity, serviceControl, resourceControl, "],
    [{ identity: [{ name: "App", document: "{" }] }, "policies.identity[0].document (App) must be a policy document"],
    [{ serviceControl: [{ policies: [] }] }, "policies.serviceControl[0].level must be"],
    [{ principalArn: "bob" }, "policies.principalArn must be"],
    [{ unknownContext: "none" }, 'unknownContext must be "unknown" or "absent"; it is "none".'],
    [{ managementAccountId: "1" }, 'managementAccountId must be 12 digits; it is "1".'],
    [{ managementAccountId: 111122223333 }, "managementAccountId must be 12 digits; it is 111122223333."],
    [{ context: { "aws:RequestedRegion": "us-east-1" } }, "context must not set aws:RequestedRegion"],
  ])("throws a TypeError that identifies what is wrong in %j", (input, message) => {
    const make = () => policySet(input as PolicySetInput);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  it("returns an opaque object: a log line doesn't contain the policies, and nothing can be changed", () => {
    const set = policySet({ identity: [FULL] });
    expect(Object.keys(set)).toEqual([]);
    expect(JSON.stringify(set)).toBe("{}");
    expect(inspect(set)).not.toContain("Full");
    expect(String(set)).toBe("[object PolicySet]");
    expect(Object.isFrozen(set)).toBe(true);
  });

  it("isn't affected by later changes of the input's lists", () => {
    const identity = [FULL];
    const set = policySet({ identity });
    identity.length = 0;
    expect(verdictOf(set)).toBe("allowed");
  });
});

describe("evaluateAccess with a policy set", () => {
  it.each<[string, PolicySetInput]>([
    ["an Allow", { identity: [FULL] }],
    ["a Deny", { identity: [FULL], serviceControl: DENY }],
    ["nothing", {}],
    ["the management account", { identity: [FULL], serviceControl: DENY, managementAccountId: "111122223333" }],
    [
      "context",
      {
        identity: [policy("Tagged", { ...allow, Condition: tagged })],
        context: { "aws:PrincipalTag/team": "search" },
      },
    ],
    ["absent keys", { identity: [policy("Tagged", { ...allow, Condition: tagged })], unknownContext: "absent" }],
  ])("returns what it returns for the same policies: %s", (_, input) => {
    const { context, unknownContext, managementAccountId, ...policies } = input;
    const own = Object.fromEntries(
      Object.entries({ context, unknownContext, managementAccountId }).filter(([, value]) => value !== undefined),
    );
    const expected = evaluateAccess({ legs, principal, policies, ...own });
    expect(evaluateAccess({ legs, principal, policies: policySet(input) })).toEqual(expected);
    expect(evaluateAccess({ legs, principal, policies: policySet(policies), ...own })).toEqual(expected);
  });

  it("takes the question's own context before the set's, key by key", () => {
    const both = { StringEquals: { ...tagged.StringEquals, "aws:PrincipalTag/stage": "test" } };
    const set = policySet({
      identity: [policy("Tagged", { ...allow, Condition: both })],
      context: { "aws:PrincipalTag/team": "ads", "aws:PrincipalTag/stage": "test" },
    });
    expect(verdictOf(set)).toBe("blocked");
    expect(verdictOf(set, { context: { "aws:principaltag/TEAM": "search" } })).toBe("allowed");
  });

  it("takes the question's own settings before the set's", () => {
    const set = policySet({ identity: [FULL], serviceControl: DENY, managementAccountId: "999900001111" });
    expect(verdictOf(set)).toBe("blocked");
    expect(verdictOf(set, { managementAccountId: "111122223333" })).toBe("allowed");
    const keyed = policySet({
      identity: [policy("Tagged", { ...allow, Condition: tagged })],
      unknownContext: "absent",
    });
    expect(verdictOf(keyed)).toBe("blocked");
    expect(verdictOf(keyed, { unknownContext: "unknown" })).toBe("unknown");
  });

  it("evaluates for the caller of the question, even if the set was made for another one", () => {
    const other = "arn:aws:iam::111122223333:role/Other";
    const set = policySet({
      identity: [policy("Own", { ...allow, Condition: { ArnEquals: { "aws:PrincipalArn": other } } })],
      principalArn: other,
    });
    expect(verdictOf(set)).toBe("blocked");
    expect(verdictOf(set, { principal: { arn: other } })).toBe("allowed");
  });

  it("throws for settings that are wrong, as without a set", () => {
    const set = policySet({ identity: [FULL] });
    expect(() => verdictOf(set, { unknownContext: "none" })).toThrow('unknownContext must be "unknown" or "absent"');
    expect(() => verdictOf(set, { context: [] })).toThrow("context must be an object");
  });
});
