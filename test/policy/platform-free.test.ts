import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCondition } from "../../src/policy/language/condition/condition.js";

/** Whether a policy may contain this value for the operator. */
const isAccepted = (operator: string, value: string) =>
  compileCondition(operator, "Test:Key", [value], "$", true) !== "invalid-value";

function outcome(operator: string, wanted: string, value: string) {
  const condition = compileCondition(operator, "Test:Key", [wanted], "$", true);
  return typeof condition === "string" ? condition : condition.evaluate({ get: () => [value] });
}

// These run in browsers too, so they use nothing of Node.js. Node.js is the reference here.
describe("IP addresses", () => {
  const byte = fc.oneof(
    fc.constantFrom("0", "00", "01", "9", "255", "256", "1e1", "-1", "", "a"),
    fc.nat(300).map(String),
  );
  const dotted = fc.array(byte, { minLength: 3, maxLength: 5 }).map((bytes) => bytes.join("."));
  const group = fc.oneof(
    fc.constantFrom("", "", "0", "00000", "ffff", "FFFF", "10000", "g", "1.2.3.4"),
    fc.nat(0xffff).map((value) => value.toString(16)),
  );
  const colons = fc.tuple(fc.array(group, { minLength: 1, maxLength: 10 }), fc.option(dotted, { nil: undefined }));
  const address = fc.oneof(
    dotted,
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdef::..%/") }),
    colons.map(([groups, end]) => [...groups, ...(end === undefined ? [] : [end])].join(":")),
  );

  it("are accepted as node:net accepts them, without a prefix or a zone", () => {
    fc.assert(
      fc.property(address, (text) => {
        expect(isAccepted("IpAddress", text)).toBe(!text.includes("%") && (isIP(text) !== 0 || isRange(text)));
      }),
      { numRuns: 3_000 },
    );
  });

  /** An address with a prefix is a range, which has its own tests. */
  const isRange = (text: string) => {
    const [at = "", length = "", ...more] = text.split("/");
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(at)] ?? -1;
    return more.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= most;
  };

  it.each([
    ["1::2", "0001:0:0::0:2", "match"],
    ["::", "0:0:0:0:0:0:0:0", "match"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", "match"],
    ["::ffff:192.0.2.1", "::ffff:c000:201", "match"],
    ["1::2", "1::3", "no match"],
    ["fe80::1%eth0", "fe80::1", "invalid-value"],
    [":::", "::", "invalid-value"],
    ["1::2::3", "::", "invalid-value"],
    ["1:2:3:4:5:6:7:8::", "::", "invalid-value"],
  ])("%s against %s: %s", (wanted, value, expected) => {
    const result = outcome(
      "IpAddress",
      wanted.includes("%") || expected === "invalid-value" ? wanted : `${wanted}/128`,
      value,
    );
    expect(result).toBe(expected);
  });
});

describe("bytes in base64", () => {
  it("are compared as Buffer decodes them", () => {
    const digit = fc.constantFrom(..."ABab019+/");
    const text = fc.oneof(
      fc.tuple(digit, digit).map((digits) => `AAAA${digits.join("")}==`),
      fc.tuple(digit, digit, digit).map((digits) => `${digits.join("")}=`),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString("base64")),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const same = Buffer.from(one, "base64").equals(Buffer.from(other, "base64"));
        expect(outcome("BinaryEquals", one, other)).toBe(same ? "match" : "no match");
      }),
      { numRuns: 2_000 },
    );
  });
});
