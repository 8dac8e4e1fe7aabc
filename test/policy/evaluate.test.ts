import { describe, expect, it } from "vitest";
import { type AccessQuestion, evaluateAccess } from "../../src/explain/evaluate-access.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { ACCOUNT, FULL, MODEL, POLICY_ROWS, type PolicyRow, REGION_DENY } from "../cases/policies.js";

function legsOf({ prefix = "us", sourceRegion = "us-east-1", operation = "Converse" }: Partial<PolicyRow>) {
  const modelId = prefix === "" ? MODEL : `${prefix}.${MODEL}`;
  const profile = knownProfile(modelId, sourceRegion)?.profile;
  return authorizationLegs({ operation, modelId, sourceRegion, accountId: ACCOUNT, ...(profile ? { profile } : {}) });
}

const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`;
const ask = (more: Partial<AccessQuestion>) =>
  evaluateAccess({ legs: legsOf({}), principal: { arn: SESSION }, policies: { identity: [FULL] }, ...more });
const policy = (statement: object) => ({ name: "P", document: { Version: "2012-10-17", Statement: [statement] } });
const REFUSED = {
  identity: [FULL],
  serviceControl: [{ level: "Root", policies: [FULL, REGION_DENY("us-east-1", "us-east-2")] }],
};

describe("policies, by AWS's pages", () => {
  it.each(POLICY_ROWS.map((row) => [row.says, row.source, row] as const))("%s (%s)", (_, __, row) => {
    const verdicts = evaluateAccess({
      legs: legsOf(row),
      principal: { arn: row.principal ?? SESSION },
      policies: row.policies,
      ...(row.context ? { context: row.context } : {}),
      ...(row.managementAccountId ? { managementAccountId: row.managementAccountId } : {}),
    });
    expect(verdicts.map(({ leg, verdict }) => `${leg.stage} ${leg.region} ${verdict}`)).toEqual(row.legs);
    if (row.because) expect(verdicts.find(({ verdict }) => verdict !== "allowed")?.because).toContain(row.because);
    for (const { because } of verdicts) expect(because).toMatch(/^[A-Z].*\.$/s);
    expect(JSON.parse(JSON.stringify(verdicts))).toStrictEqual(verdicts);
  });
});

describe("names that only look alike", () => {
  const kelvin = (text: string) => text.replace("k", "\u212a");

  it("an action with the Kelvin sign isn't an action of Bedrock", () => {
    const identity = [policy({ Effect: "Allow", Action: kelvin("bedrock:*"), Resource: "*" })];
    expect(ask({ policies: { identity } }).map(({ verdict }) => verdict)).not.toContain("allowed");
  });

  it("a condition key with the Kelvin sign isn't one of Bedrock's", () => {
    const identity = [
      policy({
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: { ArnLike: { [kelvin("bedrock:InferenceProfileArn")]: "*" } },
      }),
    ];
    expect(ask({ policies: { identity } }).map(({ verdict }) => verdict)).not.toContain("allowed");
  });
});

describe("a verdict identifies what decides", () => {
  it("the policy, level, statement, Sid, JSON path and each condition with its key, value and outcome", () => {
    const west = ask({ policies: REFUSED }).at(-1);
    expect(west).toMatchObject({
      verdict: "blocked",
      decidedBy: {
        policyType: "service-control-policy",
        policyName: "GRREGIONDENY",
        level: "Root",
        statementIndex: 0,
        sid: "GRREGIONDENY",
        path: "$.Statement[0]",
        denyKind: "explicit",
      },
      conditions: [
        {
          operator: "StringNotEquals",
          key: "aws:RequestedRegion",
          policyValues: ["us-east-1", "us-east-2"],
          requestValues: ["us-west-2"],
          outcome: "match",
          path: '$.Statement[0].Condition.StringNotEquals["aws:RequestedRegion"]',
        },
        { key: "aws:PrincipalARN", requestValues: [`arn:aws:iam::${ACCOUNT}:role/App`], outcome: "match" },
      ],
      evidence: ["policies"],
    });
  });

  it("everything else that blocks the same leg", () => {
    const west = ask({
      policies: {
        ...REFUSED,
        boundary: { name: "Boundary", document: { Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] } },
        identity: [],
      },
    }).at(-1);
    expect(west?.alsoBlockedBy).toMatchObject([
      { policyType: "permissions-boundary", denyKind: "explicit" },
      { policyType: "permissions-boundary", denyKind: "implicit" },
      { policyType: "identity-based-policy", denyKind: "implicit" },
    ]);
    expect(west?.because).toContain("Also denied by the permissions boundary Boundary");
  });

  it("the statement that allows", () => {
    expect(ask({})[0]?.decidedBy).toEqual({
      policyType: "identity-based-policy",
      policyName: "FullAWSAccess",
      statementIndex: 0,
      path: "$.Statement[0]",
    });
  });

  it("the role that was assumed, only if its path would change the verdict", () => {
    const sessionOf = (name: string) => ({
      principal: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/s` },
      policies: REFUSED,
    });
    const exempt = ask(sessionOf("AWSControlTowerExecution"));
    expect(exempt.map(({ assumedPrincipalArn }) => assumedPrincipalArn)).toEqual([
      undefined,
      undefined,
      undefined,
      `arn:aws:iam::${ACCOUNT}:role/AWSControlTowerExecution`,
    ]);
    expect(exempt.at(-1)?.because).toContain("another path would change the verdict");
    expect(ask(sessionOf("App")).every(({ assumedPrincipalArn }) => assumedPrincipalArn === undefined)).toBe(true);
    const told = ask({
      ...sessionOf("AWSControlTowerExecution"),
      context: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/x/AWSControlTowerExecution` },
    });
    expect(told.at(-1)).toMatchObject({ verdict: "blocked" });
  });

  it("keys that the application didn't supply are absent with that option", () => {
    const policies = {
      identity: [
        {
          name: "Tagged",
          document: {
            Statement: [
              {
                Effect: "Allow",
                Action: "*",
                Resource: "*",
                Condition: { StringNotEquals: { "aws:PrincipalTag/x": "y" } },
              },
            ],
          },
        },
      ],
    };
    expect(ask({ policies })[0]?.verdict).toBe("unknown");
    expect(ask({ policies, unknownContext: "absent" })[0]?.verdict).toBe("allowed");
  });
});

describe("evaluateAccess throws and identifies the problem", () => {
  it.each<[Partial<Record<keyof AccessQuestion, unknown>>, string]>([
    [{ legs: "x" }, "legs must be a list of authorization legs"],
    [{ legs: [{ action: "bedrock:InvokeModel" }] }, "legs[0] must be an authorization leg"],
    [
      { principal: { arn: "bob" } },
      'principal.arn must be the ARN of a role, an assumed-role session or a user; it is "bob".',
    ],
    [{ principal: undefined }, "principal.arn must be"],
    [
      { policies: { scps: [] } },
      "Unknown option policies.scps. Valid options: identity, serviceControl, resourceControl, boundary, session, vpcEndpoint.",
    ],
    [{ policies: { resourceControl: {} } }, "policies.resourceControl must be a list of levels, the root first."],
    [{ policies: { identity: FULL } }, "policies.identity must be a list of policies"],
    [{ policies: { identity: [{ document: {} }] } }, "policies.identity[0].name must be a text"],
    [{ policies: { identity: [{ name: "x" }] } }, "policies.identity[0].document must be a policy document"],
    [
      { policies: { identity: [{ name: "x", document: "{" }] } },
      "policies.identity[0].document (x) must be a policy document",
    ],
    [{ policies: { serviceControl: [{ policies: [] }] } }, "policies.serviceControl[0].level must be"],
    [{ unknownContext: "maybe" }, 'unknownContext must be "unknown" or "absent"; it is "maybe".'],
    [{ context: { "aws:RequestedRegion": "us-east-1" } }, "context must not set aws:RequestedRegion"],
    [{ context: { "aws:x": 7 } }, 'context["aws:x"] must be a text, a list of texts, or null'],
    [{ context: { "aws:x": "a", "AWS:X": "b" } }, "context has AWS:X twice"],
  ])("%j", (wrong, message) => expect(() => ask(wrong as Partial<AccessQuestion>)).toThrow(message));
});
