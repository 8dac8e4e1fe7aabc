import { describe, expect, it } from "vitest";
import { compileCondition, isNegated, readOperator } from "../../src/policy/language/condition/condition.js";
import type { ContextValue } from "../../src/policy/language/context.js";
import { CONDITION_ROWS } from "../cases/conditions.js";

const VARIABLES: Record<string, ContextValue> = { "aws:username": ["martha"], "aws:principaltag/none": null };

function outcome(operator: string, values: string[], value: ContextValue, variables = true) {
  const condition = compileCondition(operator, "Test:Key", values, "$", variables);
  if (typeof condition === "string") return condition;
  return condition.evaluate({ get: (key) => (key === "test:key" ? value : VARIABLES[key]) });
}

const listed = (value: string | string[]) => (Array.isArray(value) ? value : [value]);

describe("conditions, by AWS's pages", () => {
  it.each(CONDITION_ROWS)("%s %j on %j: %s (%s)", (operator, policyValues, requestValues, expected) => {
    const value = requestValues === null || requestValues === undefined ? requestValues : listed(requestValues);
    expect(outcome(operator, listed(policyValues), value)).toBe(expected);
  });

  it("cover every documented operator, present and absent", () => {
    const documented =
      "StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnNotEquals ArnLike ArnNotLike Null".split(
        " ",
      );
    for (const operator of documented) {
      expect(
        CONDITION_ROWS.some(([name]) => readOperator(name).base === operator),
        operator,
      ).toBe(true);
      if (operator !== "Null")
        expect(outcome(operator, [], null), operator).toBe(isNegated(operator) ? "match" : "no match");
    }
  });

  it("has no variables before Version 2012-10-17", () => {
    expect(outcome("StringEquals", ["${aws:username}"], ["martha"], false)).toBe("no match");
    expect(outcome("StringEquals", ["${aws:username}"], ["${aws:username}"], false)).toBe("match");
  });

  it.each([
    "StringMatches",
    "",
    "constructor",
    "toString",
    "ForAllValues:",
    "IfExists",
    "BinaryNotEquals",
    "NullIfExists",
    "stringequals",
  ])("rejects %j", (operator) => expect(outcome(operator, ["true"], ["true"])).toBe("unknown-operator"));

  it("gives the result that all possible values have in common, and no more", () => {
    const oneOf = { oneOf: [["arn:aws:iam::1:role/a"], ["arn:aws:iam::1:role/x/a"]] };
    expect(outcome("ArnLike", ["arn:aws:iam::1:role/*a"], oneOf)).toBe("match");
    expect(outcome("ArnLike", ["arn:aws:iam::1:role/a"], oneOf)).toBe("unknown");
    expect(outcome("ArnNotLike", ["arn:aws:iam::1:role/b"], oneOf)).toBe("match");
  });
});
