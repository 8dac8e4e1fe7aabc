import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../src/policy/language/document.js";

const ALLOW = { Effect: "Allow", Action: "bedrock:InvokeModel", Resource: "*" };
const policy = (statement: unknown, more: object = { Version: "2012-10-17" }) => ({ ...more, Statement: statement });
const read = (input: unknown) => parsePolicy(input, "identity-based-policy", "TeamPolicy");
const findings = (input: unknown) => read(input).findings.map(({ code, path }) => `${code} ${path}`);

describe("parsePolicy accepts a document in its common forms", () => {
  const document = policy([ALLOW]);
  const text = JSON.stringify(document);
  it.each<[string, unknown, string]>([
    ["an object", document, "$.Statement[0]"],
    ["JSON text", text, "$.Statement[0]"],
    [
      "JSON text with white space and a byte order mark",
      `\ufeff \n${JSON.stringify(document, null, 2)}\n`,
      "$.Statement[0]",
    ],
    ["URL-encoded JSON, as IAM's API gives it", encodeURIComponent(text), "$.Statement[0]"],
    ["one statement that isn't in a list", policy(ALLOW), "$.Statement"],
    ["a bare statement", ALLOW, "$.Statement"],
    ["a list of statements", [ALLOW], "$[0]"],
    ["no Version", policy([ALLOW], {}), "$.Statement[0]"],
    ["Version 2008-10-17", policy([ALLOW], { Version: "2008-10-17" }), "$.Statement[0]"],
    ["a percent sign inside JSON", policy([{ ...ALLOW, Sid: "a%7Bb" }]), "$.Statement[0]"],
  ])("%s", (_, input, path) => {
    const { statements, findings: found } = read(input);
    expect(found).toEqual([]);
    expect(statements).toMatchObject([
      { effect: "Allow", flawed: false, action: { not: false, texts: ["bedrock:InvokeModel"] } },
    ]);
    if (!Array.isArray(input) && input !== ALLOW) expect(statements[0]?.path).toBe(path);
  });
});

describe("an element that isn't understood is a finding, and makes its statement uncertain", () => {
  it.each<[string, unknown, string]>([
    ["an invalid Effect", { ...ALLOW, Effect: "allow" }, "unknown-effect $.Statement[0].Effect"],
    ["no Effect", { Action: "*", Resource: "*" }, "missing-element $.Statement[0].Effect"],
    ["an unknown element", { ...ALLOW, Resources: "*" }, "unknown-element $.Statement[0].Resources"],
    ["no Action", { Effect: "Allow", Resource: "*" }, "missing-element $.Statement[0].Action"],
    ["no Resource", { Effect: "Allow", Action: "*" }, "missing-element $.Statement[0].Resource"],
    ["Action and NotAction", { ...ALLOW, NotAction: "s3:*" }, "conflicting-elements $.Statement[0].NotAction"],
    ["an empty list", { ...ALLOW, Action: [] }, "empty-list $.Statement[0].Action"],
    [
      "an action without a service",
      { ...ALLOW, Action: ["s3:*", "InvokeModel"] },
      "invalid-action $.Statement[0].Action[1]",
    ],
    [
      "a resource that isn't an ARN",
      { ...ALLOW, Resource: "foundation-model/*" },
      "invalid-resource $.Statement[0].Resource",
    ],
    [
      "a Principal in an identity-based policy",
      { ...ALLOW, Principal: "*" },
      "unsupported-element $.Statement[0].Principal",
    ],
    [
      "an unknown operator",
      { ...ALLOW, Condition: { StringMatches: { "aws:x": "y" } } },
      "unknown-operator $.Statement[0].Condition.StringMatches",
    ],
    [
      "an operator called constructor",
      { ...ALLOW, Condition: { constructor: { "aws:x": "y" } } },
      "unknown-operator $.Statement[0].Condition.constructor",
    ],
    [
      "an operator in another case",
      { ...ALLOW, Condition: { stringEquals: { "aws:x": "y" } } },
      "unknown-operator $.Statement[0].Condition.stringEquals",
    ],
    [
      "an invalid number",
      { ...ALLOW, Condition: { NumericEquals: { "s3:max-keys": "ten" } } },
      'invalid-value $.Statement[0].Condition.NumericEquals["s3:max-keys"]',
    ],
    [
      "a year, which might be seconds",
      { ...ALLOW, Condition: { DateLessThan: { "aws:CurrentTime": "2026" } } },
      'invalid-value $.Statement[0].Condition.DateLessThan["aws:CurrentTime"]',
    ],
    [
      "30 February",
      { ...ALLOW, Condition: { DateLessThan: { "aws:CurrentTime": "2026-02-30" } } },
      'invalid-value $.Statement[0].Condition.DateLessThan["aws:CurrentTime"]',
    ],
    [
      "an invalid IP range",
      { ...ALLOW, Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/33" } } },
      'invalid-value $.Statement[0].Condition.IpAddress["aws:SourceIp"]',
    ],
    [
      "a variable without its end",
      { ...ALLOW, Condition: { StringEquals: { "aws:x": "${aws:username" } } },
      'unclosed-variable $.Statement[0].Condition.StringEquals["aws:x"]',
    ],
    [
      "Null with a third value",
      { ...ALLOW, Condition: { Null: { "aws:x": "maybe" } } },
      'invalid-value $.Statement[0].Condition.Null["aws:x"]',
    ],
    [
      "a set operator on Null",
      { ...ALLOW, Condition: { "ForAllValues:Null": { "aws:x": "true" } } },
      'unknown-operator $.Statement[0].Condition["ForAllValues:Null"]',
    ],
    [
      "an object in place of a value",
      { ...ALLOW, Condition: { StringEquals: { "aws:x": { a: 1 } } } },
      'wrong-type $.Statement[0].Condition.StringEquals["aws:x"]',
    ],
    [
      "no values",
      { ...ALLOW, Condition: { StringEquals: { "aws:x": [] } } },
      'empty-list $.Statement[0].Condition.StringEquals["aws:x"]',
    ],
    ["a text in place of a statement", "Allow", "wrong-type $.Statement[0]"],
  ])("%s", (_, statement, finding) => {
    const { statements } = read(policy([statement]));
    expect(findings(policy([statement]))).toEqual([finding]);
    expect(statements[0]?.flawed).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ["an invalid Version", policy([ALLOW], { Version: "2026-01-01" }), "unknown-version $.Version"],
    ["an unknown element next to the statements", policy([ALLOW], { Statments: [] }), "unknown-element $.Statments"],
    [
      "a key that occurs twice",
      `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}`,
      "duplicate-key $",
    ],
  ])("%s affects every statement", (_, document, finding) => {
    expect(findings(document)).toEqual([finding]);
    expect(read(document).statements.every(({ flawed }) => flawed)).toBe(true);
  });

  it("a key that occurs twice, however much white space follows it", () => {
    const space = " \n".repeat(5_000);
    const twice = `{"Effect"${space}:"Allow","Effect"${space}:"Deny","Action":"*","Resource":"*"}`;
    expect(findings(`{"Version":"2012-10-17","Statement":[${twice}]}`)).toEqual(["duplicate-key $"]);
  });

  it("holes in lists, as JSON has them", () => {
    const values: string[] = [];
    values[1] = "us-east-1";
    const condition = { StringEquals: { "aws:RequestedRegion": values } };
    const statements: unknown[] = [];
    statements[1] = { ...ALLOW, Condition: condition };
    expect(findings(policy(statements))).toEqual([
      "wrong-type $.Statement[0]",
      'wrong-type $.Statement[1].Condition.StringEquals["aws:RequestedRegion"]',
    ]);
  });

  it("reports a key that would set an object's prototype", () => {
    const statement = '{"__proto__":{"Effect":"Allow"},"Action":"*","Resource":"*"}';
    expect(findings(`{"Version":"2012-10-17","Statement":[${statement}]}`)).toEqual([
      "unknown-element $.Statement[0].__proto__",
      "missing-element $.Statement[0].Effect",
    ]);
  });

  it("a document that can't be read is identified by the policy's name", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throwing = {
      get Statement(): never {
        throw new Error("inside");
      },
    };
    for (const document of [proxy, { Version: "2012-10-17", Statement: proxy }, throwing]) {
      expect(() => read(document)).toThrow(/ must be a policy document that can be read\. /);
    }
  });

  it("a document without statements", () => {
    expect(findings({ Version: "2012-10-17" })).toEqual(["missing-element $.Statement"]);
    expect(findings(policy([]))).toEqual(["empty-list $.Statement"]);
  });

  it("accepts numbers and booleans as their texts", () => {
    const { statements } = read(
      policy([
        {
          ...ALLOW,
          Condition: { Bool: { "aws:SecureTransport": true }, NumericLessThan: { "s3:max-keys": [10, "20"] } },
        },
      ]),
    );
    expect(statements[0]).toMatchObject({
      flawed: false,
      conditions: [{ values: ["true"] }, { values: ["10", "20"] }],
    });
  });
});

describe("parsePolicy throws and identifies the problem", () => {
  const deep = (levels: number): unknown => (levels === 0 ? "x" : { a: deep(levels - 1) });
  const cycle: Record<string, unknown> = {};
  cycle.Statement = cycle;
  it.each<[string, unknown, string]>([
    ["no JSON", "{ Statement", "TeamPolicy must be a policy document: an object, or JSON text. "],
    ["a number", 7, "TeamPolicy must be a policy document: an object with a Statement, or its JSON text."],
    ["null", null, "TeamPolicy must be a policy document"],
    [
      "a text too long",
      `{"Statement":[]}${" ".repeat(100_000)}`,
      "TeamPolicy must be a policy of at most 100000 characters; it has 100016.",
    ],
    ["an object too long", policy([{ ...ALLOW, Sid: "x".repeat(100_001) }]), "at most 100000 characters"],
    ["nesting too deep", policy(deep(30)), "TeamPolicy must be nested at most 20 levels deep; it is deeper."],
    ["an object that contains itself", cycle, "nested at most 20 levels deep"],
    [
      "too many statements",
      policy(Array(1_001).fill(ALLOW)),
      "TeamPolicy must have at most 1000 statements; it has 1001.",
    ],
  ])("%s", (_, input, message) => expect(() => read(input)).toThrow(message));

  it("any other value results in statements or a TypeError", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.string(),
          fc.jsonValue().map((json) => policy(json as never)),
        ),
        (input) => {
          try {
            expect(Array.isArray(read(input).statements)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError);
          }
        },
      ),
    );
  });
});
