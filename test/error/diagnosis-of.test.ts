import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../src/diagnosis.js";
import { diagnosisOf } from "../../src/error/diagnosis-of.js";
import { diagnosed } from "../../src/error.js";
import { formatDiagnosis } from "../../src/explain/format/format-diagnosis.js";
import { diagnosisOfNothingBut } from "../explain/format/hostile.js";

const made = (): Diagnosis => {
  const diagnosis = diagnosisOfNothingBut("value");
  return {
    ...diagnosis,
    evidence: diagnosis.evidence.map((piece) => ({ ...piece, finding: { code: "caller", principalArn: "" } })),
  };
};
const diagnosis = made();
const refused = () => diagnosed(Object.assign(new Error("denied"), { name: "AccessDeniedException" }), diagnosis);
const json = JSON.stringify({ message: "denied", diagnosis });

describe("diagnosisOf", () => {
  it("returns the error's own", () => {
    expect(diagnosisOf(refused())).toBe(diagnosis);
    expect(diagnosisOf(diagnosed(Object.freeze(new Error("denied")), diagnosis))).toBe(diagnosis);
  });

  it.each([
    ["a cause", (error: unknown) => new Error("outer", { cause: error })],
    ["a cause of a cause", (error: unknown) => new Error("outer", { cause: new Error("inner", { cause: error }) })],
    ["an AggregateError", (error: unknown) => new AggregateError([new Error("other"), error])],
    ["an error of retries", (error: unknown) => Object.assign(new Error("failed"), { errors: [], lastError: error })],
    ["an error of a framework", (error: unknown) => Object.assign(new Error("failed"), { originalError: error })],
    ["a frozen wrapper", (error: unknown) => Object.freeze(new Error("outer", { cause: error }))],
  ])("returns that of an error in %s", (_, wrapped) => {
    expect(diagnosisOf(wrapped(refused()))).toBe(diagnosis);
  });

  it.each([
    ["data", { data: JSON.parse(json) }],
    ["body, as an object", { body: JSON.parse(json) }],
    ["body, as text", { body: json }],
    ["responseBody", { responseBody: json }],
    ["response.data", { response: { status: 403, data: JSON.parse(json) } }],
    ["error in the body", { responseBody: JSON.stringify({ error: { diagnosis } }) }],
  ])("returns that in a response (%s)", (_, fields) => {
    const found = diagnosisOf(Object.assign(new Error("403"), fields));
    expect(found).toEqual(JSON.parse(JSON.stringify(diagnosis)));
    expect(formatDiagnosis(found as Diagnosis)).toContain("value");
  });

  it("returns the nearest one", () => {
    const far = new Error("x", { cause: diagnosed(new Error("y"), { ...made(), summary: "far" }) });
    expect(diagnosisOf(Object.assign(far, { lastError: refused() }))?.summary).toBe("far");
    expect(diagnosisOf(diagnosed(new Error("z", { cause: far }), diagnosis))).toBe(diagnosis);
  });

  it.each([undefined, null, 1, "x", json, {}, [], new Error("x"), Symbol("x"), () => {}])(
    "returns undefined for %s",
    (value) => {
      expect(diagnosisOf(value)).toBeUndefined();
    },
  );

  const wrong: [string, Record<string, unknown>][] = [
    ["kind", { kind: "of another release" }],
    ["kind, of Object.prototype", { kind: "constructor" }],
    ["summary", { summary: 1 }],
    ["legs", { legs: {} }],
    ["a leg", { legs: [{ leg: {}, verdict: "allowed" }] }],
    ["a verdict", { legs: [{ ...diagnosis.legs[0], verdict: "maybe" }] }],
    ["evidence", { evidence: [null] }],
    ["a remedy", { remedies: [{ ...diagnosis.remedies[0], who: "anyone" }] }],
    ["links", { remedies: [{ ...diagnosis.remedies[0], links: "javascript:alert(1)" }] }],
    ["a unified diff", { remedies: [{ ...diagnosis.remedies[0], diff: ["-"] }] }],
    ["a deciding policy", { legs: [{ ...diagnosis.legs[0], decidedBy: { policyType: "constructor" } }] }],
    ["the refusal", { refusal: undefined }],
    ["a policy", { policy: { type: "constructor" } }],
    ["blocked Regions", { blockedRegions: "us-west-2" }],
  ];
  it.each(wrong)("returns undefined for data that isn't a diagnosis: %s", (_, fields) => {
    const body = { diagnosis: { ...diagnosis, ...fields } };
    for (const error of [{ body }, { body: JSON.stringify(body) }, { data: body }, body])
      expect(diagnosisOf(Object.assign(new Error("403"), error))).toBeUndefined();
  });

  it("ends for cycles, and for wrappers without an end", () => {
    const cycle = new Error("x");
    cycle.cause = { errors: [cycle, { cause: cycle }] };
    expect(diagnosisOf(cycle)).toBeUndefined();
    let made = 0;
    const endless = (): object =>
      new Proxy(
        {},
        {
          get: () => {
            made += 1;
            return endless();
          },
        },
      );
    expect(diagnosisOf(endless())).toBeUndefined();
    expect(made).toBeLessThan(10_000);
    const wide = { errors: Array.from({ length: 1_000_000 }, () => ({})) };
    expect(diagnosisOf(wide)).toBeUndefined();
  });

  it("doesn't read a body that is too long, or isn't JSON", () => {
    expect(diagnosisOf({ body: `${json}${" ".repeat(1_000_001)}` })).toBeUndefined();
    expect(diagnosisOf({ body: `${json}}` })).toBeUndefined();
  });

  it("continues after getters that throw and revoked proxies", () => {
    const throws = {
      get(): never {
        throw new Error("theirs");
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const error = Object.defineProperties(new Error("x", { cause: proxy }), { data: throws, diagnosis: throws });
    expect(diagnosisOf(error)).toBeUndefined();
    expect(diagnosisOf(proxy)).toBeUndefined();
    expect(diagnosisOf(Object.assign(error, { errors: [proxy, refused()] }))).toBe(diagnosis);
    const body = Object.defineProperty({ ...diagnosis }, "legs", throws);
    expect(diagnosisOf({ body: { diagnosis: body } })).toBeUndefined();
  });
});
