import { runInNewContext } from "node:vm";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../src/diagnosis.js";
import { diagnosed } from "../../src/error.js";
import { serializeDiagnosedError } from "../../src/telemetry/serialize-error.js";
import { diagnosisOfNothingBut } from "../explain/format/hostile.js";
import { hiddenIn } from "../hidden-characters.js";

const EMAIL = "jane.doe@example.com";
const ARN = `arn:aws:sts::111122223333:assumed-role/App/${EMAIL}`;
const RAW = `User: ${ARN} is not authorized to perform: bedrock:InvokeModel`;

const diagnosis: Diagnosis = {
  ...diagnosisOfNothingBut("x"),
  refusal: { raw: RAW, kind: "iam-denied" },
  summary: `${ARN} was denied.`,
  action: "bedrock:InvokeModel",
  operation: "Converse",
  modelId: "us.amazon.nova-pro-v1:0",
  sourceRegion: "us-east-1",
  blockedRegions: ["us-west-2"],
  principal: { arn: ARN, type: "assumed-role", isComplete: false },
  policy: { type: "identity-based-policy" },
};
const refused = () =>
  diagnosed(
    Object.assign(new Error(RAW), {
      name: "AccessDeniedException",
      $metadata: { requestId: "r-1", httpStatusCode: 403 },
    }),
    diagnosis,
  );

describe("serializeDiagnosedError", () => {
  it("joins the lines of a summary", () => {
    const error = diagnosed(new Error(RAW), { ...diagnosis, summary: "It was denied.\nAsk someone." });
    expect(serializeDiagnosedError(error)).toMatchObject({ diagnosis: { summary: "It was denied. Ask someone." } });
  });

  it("returns the error's fields and the main ones of its diagnosis, as plain data", () => {
    const error = refused();
    const serialized = serializeDiagnosedError(error, { sessionNames: true });
    expect(serialized).toEqual({
      type: "AccessDeniedException",
      name: "AccessDeniedException",
      message: error.message,
      stack: error.stack,
      status: 403,
      requestId: "r-1",
      diagnosis: {
        kind: "iam-denied",
        summary: `${ARN} was denied.`,
        operation: "Converse",
        action: "bedrock:InvokeModel",
        modelId: "us.amazon.nova-pro-v1:0",
        sourceRegion: "us-east-1",
        blockedRegions: ["us-west-2"],
        principal: ARN,
        policyType: "identity-based-policy",
        confidence: "certain",
        complete: true,
      },
    });
    expect(JSON.parse(JSON.stringify(serialized))).toEqual(serialized);
  });

  it("omits session names in every field, unless the application opts in", () => {
    expect(JSON.stringify(serializeDiagnosedError(refused(), { sessionNames: true }))).toContain(EMAIL);
    const text = JSON.stringify(serializeDiagnosedError(refused()));
    expect(text).not.toContain("jane");
    expect(text).toContain("assumed-role/App/[session]");
    for (const escaped of [ARN.replaceAll("/", "\\/"), `AROAEXAMPLEEXAMPLE01:${EMAIL}`, `federated-user/${EMAIL}`])
      expect(JSON.stringify(serializeDiagnosedError(new Error(`"${escaped}" failed`)))).not.toContain("jane");
  });

  it("finds the diagnosis in a wrapper, and in an error of another realm", () => {
    const wrapper = new Error("Maximum retries exceeded", { cause: refused() });
    expect(serializeDiagnosedError(wrapper)).toMatchObject({
      message: wrapper.message,
      diagnosis: { kind: "iam-denied" },
    });
    const foreign = diagnosed(runInNewContext("new Error('x')"), diagnosis);
    expect(serializeDiagnosedError(foreign)).toMatchObject({ name: "Error", diagnosis: { kind: "iam-denied" } });
  });

  it("returns the other fields of an error without a diagnosis", () => {
    const error = Object.assign(new TypeError("fetch failed"), { code: "ECONNREFUSED" });
    const { stack } = error;
    expect(serializeDiagnosedError(error)).toEqual({
      type: "TypeError",
      name: "TypeError",
      message: "fetch failed",
      stack,
      code: "ECONNREFUSED",
    });
  });

  it("returns what isn't an error unchanged", () => {
    for (const value of [undefined, null, 1, "x", { message: "x" }]) expect(serializeDiagnosedError(value)).toBe(value);
  });

  it("shows hidden characters as escapes, is limited in length, and never throws", () => {
    const text = "a\u202e\u009b31m\u2028";
    for (const value of [text, text.repeat(100_000)]) {
      const error = Object.assign(new Error(value), { name: value, code: value, $metadata: { requestId: value } });
      const serialized = JSON.stringify(serializeDiagnosedError(diagnosed(error, diagnosisOfNothingBut(value))));
      expect(hiddenIn(serialized)).toEqual([]);
      expect(serialized.length).toBeLessThan(200_000);
    }
    const { proxy, revoke } = Proxy.revocable(new Error("x"), {});
    revoke();
    expect(() => serializeDiagnosedError(proxy)).not.toThrow();
    const get = (): undefined => {
      throw new Error("theirs");
    };
    const throwing = Object.defineProperties(new Error("x"), { stack: { get }, message: { get }, $metadata: { get } });
    expect(serializeDiagnosedError(throwing)).toEqual({ type: "Error", name: "Error", message: "" });
  });

  it("serializes errors for pino", () => {
    const lines: string[] = [];
    const logger = pino({ serializers: { err: serializeDiagnosedError } }, { write: (line) => void lines.push(line) });
    logger.error(refused(), "call failed");
    logger.error(new Error("other"));
    const [first, second] = lines.map((line) => JSON.parse(line));
    expect(first).toMatchObject({
      msg: "call failed",
      err: { status: 403, diagnosis: { blockedRegions: ["us-west-2"] } },
    });
    expect(second).toMatchObject({ err: { message: "other" } });
    expect(lines.join("")).not.toContain("jane");
  });
});
