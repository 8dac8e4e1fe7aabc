import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  actionMatches,
  arnMatches,
  arnMatchesByParts,
  globMatches,
  literal,
} from "../../src/policy/language/wildcard.js";

/** The definition, by recursion: slow, and enough for short texts. */
function byDefinition(glob: string, text: string): boolean {
  const [first, rest] = [glob[0], glob.slice(1)];
  if (first === undefined) return text === "";
  if (first === "*") return byDefinition(rest, text) || (text !== "" && byDefinition(glob, text.slice(1)));
  return text !== "" && (first === "?" || first === text[0]) && byDefinition(rest, text.slice(1));
}

describe("globMatches", () => {
  it("matches as a glob is defined", () => {
    const glob = fc.stringMatching(/^[ab*?]{0,8}$/);
    const text = fc.stringMatching(/^[ab]{0,8}$/);
    fc.assert(
      fc.property(glob, text, (pattern, against) => {
        expect(globMatches(pattern, against)).toBe(byDefinition(pattern, against));
      }),
      { numRuns: 20_000 },
    );
  });

  it("treats literal text literally", () => {
    const text = fc.stringMatching(/^[ab*?]{0,8}$/);
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(globMatches(literal(a), b)).toBe(a === b);
        expect(globMatches(`*${literal(a)}*`, b)).toBe(b.includes(a));
      }),
    );
  });

  it.each([
    ["us-(west|east)-2", "us-west-2", false],
    ["us-west-2.", "us-west-2x", false],
    ["[a-z]*", "a", false],
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["?", "", false],
  ])("doesn't treat text as a regular expression: %s against %s", (glob, text, matches) => {
    expect(globMatches(glob, text)).toBe(matches);
  });

  // Each took seconds or never ended in an evaluator that makes a RegExp of a policy.
  it.each([
    ["5,000 stars", "a*".repeat(5_000), "a".repeat(10_000)],
    ["5,000 stars that fail at the end", `${"*a".repeat(5_000)}b`, "a".repeat(10_000)],
    ["stars before a letter that is missing", `${"*".repeat(5_000)}b`, "a".repeat(10_000)],
    ["question marks between stars", `${"*?".repeat(2_000)}b`, "a".repeat(10_000)],
    [
      "7 stars against an ARN",
      `arn:*${"a*".repeat(6)}z`,
      `arn:aws:bedrock:us-east-1::foundation-model/${"a".repeat(80)}`,
    ],
  ])(
    "ends: %s",
    (_, glob, text) => {
      for (let times = 0; times < 10; times++) globMatches(glob, text);
      expect(typeof globMatches(glob, text)).toBe("boolean");
    },
    2_000,
  );
});

const MODEL = "foundation-model/anthropic.claude-v1:0";

describe('arnMatches (IAM User Guide, "IAM JSON policy elements: Resource")', () => {
  it.each([
    ["*", `arn:aws:bedrock:us-east-1::${MODEL}`, true],
    ["*", "*", true],
    ["arn:aws:bedrock:*::foundation-model/*", `arn:aws:bedrock:us-east-1::${MODEL}`, true],
    // A star matches nothing, too: the Region-less ARN of global routing is matched. A list of Regions doesn't match it.
    ["arn:aws:bedrock:*::foundation-model/*", `arn:aws:bedrock:::${MODEL}`, true],
    ["arn:aws:bedrock:us-*::foundation-model/*", `arn:aws:bedrock:::${MODEL}`, false],
    [`arn:aws:bedrock:us-east-1::${MODEL}`, `arn:aws:bedrock:us-west-2::${MODEL}`, false],
    // A profile's ARN always has an account.
    [
      "arn:aws:bedrock:us-east-1::inference-profile/us.x",
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.x",
      false,
    ],
    [
      "arn:aws:bedrock:*:*:inference-profile/us.*",
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.x",
      true,
    ],
    [
      "arn:aws:bedrock:*:*:inference-profile/us.*",
      "arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.x",
      false,
    ],
    // The last part keeps its colons. A star at the end of a part also matches colons. A star inside it doesn't.
    ["arn:aws:bedrock:us-east-1::foundation-model/anthropic*0", `arn:aws:bedrock:us-east-1::${MODEL}`, true],
    ["arn:aws:bedrock:us-*", `arn:aws:bedrock:us-east-1::${MODEL}`, true],
    ["arn:aws:bedrock:*:foundation-model/*", `arn:aws:bedrock:us-east-1::${MODEL}`, true],
    ["arn:aws:b*1::foundation-model/*", `arn:aws:bedrock:us-east-1::${MODEL}`, false],
    ["arn:aws:bedrock?us-east-1::foundation-model/*", `arn:aws:bedrock:us-east-1::${MODEL}`, false],
    ["ARN:aws:bedrock:*::foundation-model/*", `arn:aws:bedrock:us-east-1::${MODEL}`, false],
    ["arn:aws:bedrock:us-east-1::foundation-model/Anthropic*", `arn:aws:bedrock:us-east-1::${MODEL}`, false],
  ])("%s and %s: %s", (pattern, arn, matches) => expect(arnMatches(pattern, arn)).toBe(matches));

  it("by parts, requires six of them", () => {
    expect(arnMatchesByParts("arn:aws:bedrock:us-*", `arn:aws:bedrock:us-east-1::${MODEL}`)).toBe(false);
    expect(arnMatchesByParts("arn:*:iam::*:role/*", "arn:aws:iam::111122223333:role/a/b")).toBe(true);
  });
});

describe("actionMatches", () => {
  it("expects lower case, and matches whole names", () => {
    expect(actionMatches("bedrock:invoke*", "bedrock:invokemodelwithresponsestream")).toBe(true);
    expect(actionMatches("bedrock:invokemodel", "bedrock:invokemodelwithresponsestream")).toBe(false);
    expect(actionMatches("bedrock-mantle:*", "bedrock:invokemodel")).toBe(false);
  });
});
