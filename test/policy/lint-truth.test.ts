import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateAccess } from "../../src/explain/evaluate-access.js";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { except, INVOKE, LINT_ROWS, outside, policy, regionDeny } from "../cases/lint.js";
import { ACCOUNT, FULL, MODEL } from "../cases/policies.js";

/** Geographies in which the bundled catalog has the model, with a source Region each. */
const CALLS = { us: "us-east-1", eu: "eu-central-1", jp: "ap-northeast-1", au: "ap-southeast-2" } as const;
type Prefix = keyof typeof CALLS;

function verdicts(prefix: string, sourceRegion: string, document: unknown): Map<string, string> {
  const modelId = `${prefix}.${MODEL}`;
  const profile = knownProfile(modelId, sourceRegion)?.profile;
  const legs = authorizationLegs({
    operation: "Converse",
    modelId,
    sourceRegion,
    accountId: ACCOUNT,
    ...(profile ? { profile } : {}),
  });
  const serviceControl = [{ level: "Root", policies: [FULL, { name: "RegionDeny", document }] }];
  const principal = { arn: `arn:aws:iam::${ACCOUNT}:role/App` };
  const found = evaluateAccess({ legs, principal, policies: { identity: [FULL], serviceControl } });
  return new Map(found.map(({ leg, verdict }) => [`${leg.stage} ${leg.region}`, verdict]));
}

const cuts = (document: unknown) => lintPolicy(document).filter(({ code }) => code === "region-deny-cuts-destinations");

describe("the findings of lintPolicy about a Region deny, compared with the evaluation of calls", () => {
  const regions =
    "us-east-1 us-east-2 us-west-2 eu-central-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-3".split(" ");
  const asia = "ap-northeast-1 ap-northeast-3 ap-southeast-2 ap-southeast-4 unspecified".split(" ");
  const exemptions = [undefined, "us", "eu", "jp", "*"] as const;
  const cases = fc.record({
    approved: fc.subarray([...regions, ...asia], { minLength: 1 }),
    exempt: fc.constantFrom(...exemptions),
    isReDenied: fc.boolean(),
  });
  const documentOf = (approved: string[], exempt: string | undefined, isReDenied: boolean) => {
    const pattern = `arn:aws:bedrock:*:*:inference-profile/${exempt}${exempt === "*" ? "" : ".*"}`;
    const condition = { ...outside(...approved), ...(exempt === undefined ? {} : except(pattern)) };
    const again = { Effect: "Deny", Action: INVOKE, Resource: "*", Condition: condition };
    return isReDenied ? policy(regionDeny(INVOKE, outside(...approved)), again) : policy(regionDeny([], condition));
  };

  it("list only destinations that are denied, of calls that can start", () => {
    const check = fc.property(cases, ({ approved, exempt, isReDenied }) => {
      const document = documentOf(approved, exempt, isReDenied);
      for (const { values } of cuts(document)) {
        const [prefix = "", source = "", ...denied] = values;
        if (!(prefix in CALLS) || knownProfile(`${prefix}.${MODEL}`, source) === undefined) continue;
        const found = verdicts(prefix, source, document);
        expect(found.get(`profile ${source}`)).toBe("allowed");
        for (const region of denied) expect(found.get(`destination-model ${region}`)).toBe("blocked");
      }
    });
    fc.assert(check, { numRuns: 150, seed: 20261125 });
  });

  it("omit no geography that is cut off, unless another one is exempt", () => {
    const check = fc.property(cases, ({ approved, isReDenied }) => {
      const document = documentOf(approved, undefined, isReDenied);
      const named = new Set(cuts(document).map(({ values: [prefix] }) => prefix));
      for (const prefix of Object.keys(CALLS) as Prefix[]) {
        const source = CALLS[prefix];
        const found = verdicts(prefix, source, document);
        const isCut = [...found].some(([leg, verdict]) => leg.startsWith("destination") && verdict === "blocked");
        if (isCut && found.get(`profile ${source}`) === "allowed") expect(named).toContain(prefix);
      }
    });
    fc.assert(check, { numRuns: 150, seed: 20261125 });
  });
});

describe("lintPolicy, whatever the document", () => {
  it.each(LINT_ROWS)("$code: doesn't depend on the order of the statements", ({ trap, looksLikeIt, options }) => {
    const reversed = (document: unknown) => {
      const { Statement, ...rest } = document as { Statement: object[] };
      return { ...rest, Statement: [...Statement].reverse() };
    };
    const codes = (document: unknown) =>
      lintPolicy(document, options)
        .map(({ code }) => code)
        .sort();
    expect(codes(reversed(trap))).toEqual(codes(trap));
    expect(codes(reversed(looksLikeIt))).toEqual([]);
  });

  it("returns whole sentences, or throws a TypeError", () => {
    const text = fc.oneof(
      fc.constantFrom(
        "*",
        "bedrock:*",
        "bedrock:InvokeModel",
        "arn:aws:bedrock:*:*:inference-profile/*",
        "unspecified",
      ),
      fc.constantFrom(
        "arn:aws:bedrock:us-east-1::foundation-model/us.x",
        "arn:aws-cn:bedrock:::foundation-model/*",
        "",
      ),
      fc.string({ maxLength: 12 }),
    );
    const texts = fc.oneof(text, fc.array(text, { maxLength: 3 }));
    const key = fc.constantFrom("aws:RequestedRegion", "bedrock:InferenceProfileArn", "aws:PrincipalArn");
    const operator = fc.constantFrom(
      "StringEquals",
      "StringNotLike",
      "ArnNotLike",
      "Null",
      "ForAllValues:ArnLike",
      "X",
    );
    const statement = fc.record(
      {
        Sid: text,
        Effect: fc.constantFrom("Allow", "Deny", "x"),
        Action: texts,
        NotAction: texts,
        Resource: texts,
        NotResource: texts,
        Condition: fc.dictionary(operator, fc.dictionary(key, texts, { maxKeys: 2 }), { maxKeys: 3 }),
      },
      { requiredKeys: ["Effect"] },
    );
    const check = fc.property(fc.array(statement, { maxLength: 4 }), (Statement) => {
      for (const finding of lintPolicy({ Version: "2012-10-17", Statement })) {
        expect(`${finding.why} ${finding.instead}`).not.toMatch(/undefined|NaN|\[object/);
        expect(finding.instead).not.toBe("");
      }
    });
    fc.assert(check, { numRuns: 400, seed: 20261125 });
  });
});
