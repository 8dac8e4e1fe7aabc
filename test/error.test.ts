import { runInNewContext } from "node:vm";
import { AccessDeniedException } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../src/diagnosis.js";
import { diagnosisOf } from "../src/error/diagnosis-of.js";
import { DiagnosedError, diagnosed, isDiagnosedError } from "../src/error.js";

const RAW = "User: arn:aws:iam::111122223333:root is not authorized to perform: bedrock:InvokeModel";

const diagnosis = (summary = "bedrock:InvokeModel is blocked in us-west-2.") =>
  ({ summary, refusal: { raw: RAW, kind: "iam-denied" } }) as Diagnosis;

const refusedBySdk = () =>
  new AccessDeniedException({ message: RAW, $metadata: { httpStatusCode: 403, requestId: "r-1" } });

describe("a diagnosed error is the SDK's own error", () => {
  it("is the same object, with unchanged class, name, fault, and metadata", () => {
    const error = refusedBySdk();
    const keys = Object.keys(error);
    const metadata = error.$metadata;
    expect(diagnosed(error, diagnosis())).toBe(error);
    expect(error).toBeInstanceOf(AccessDeniedException);
    expect(error.constructor).toBe(AccessDeniedException);
    expect(error.name).toBe("AccessDeniedException");
    expect(error.$fault).toBe("client");
    expect(error.$metadata).toBe(metadata);
    expect(Object.keys(error)).toEqual(keys);
  });

  it("starts with the summary, followed by AWS's message, in message and in the stack's first line", () => {
    const error = refusedBySdk();
    const frames = error.stack?.split("\n    at ").slice(1);
    diagnosed(error, diagnosis());
    expect(error.message).toBe(`bedrock:InvokeModel is blocked in us-west-2.\nAWS message: ${RAW}`);
    expect(error.stack).toContain(`bedrock:InvokeModel is blocked in us-west-2.\nAWS message: ${RAW}\n    at `);
    expect(error.stack?.split("\n    at ").slice(1)).toEqual(frames);
  });

  it("has the HTTP status, which isn't enumerable, unless it already has one", () => {
    const denied = { ...diagnosis(), refusal: { raw: RAW, kind: "iam-denied", httpStatus: 403 } } as Diagnosis;
    const error = diagnosed(refusedBySdk(), denied);
    expect(error).toHaveProperty("status", 403);
    expect(Object.keys(error)).not.toContain("status");
    expect(diagnosed(Object.assign(refusedBySdk(), { status: 499 }), denied)).toHaveProperty("status", 499);
    expect("status" in diagnosed(refusedBySdk(), diagnosis())).toBe(false);
  });

  it("adds a first line if the stack didn't contain the message", () => {
    const error = Object.assign(new Error("UnknownError"), { name: "AccessDeniedException" });
    error.message = RAW;
    diagnosed(error, diagnosis());
    expect(error.stack?.startsWith(`AccessDeniedException: ${error.message}\n    at `)).toBe(true);
  });

  it("is recognized by isDiagnosedError and instanceof through a marker that works across two copies of the package", () => {
    const error = refusedBySdk();
    expect(isDiagnosedError(error)).toBe(false);
    expect(error).not.toBeInstanceOf(DiagnosedError);
    diagnosed(error, diagnosis());
    expect(isDiagnosedError(error)).toBe(true);
    expect(error).toBeInstanceOf(DiagnosedError);
    expect((error as unknown as Record<symbol, unknown>)[Symbol.for("resilient-bedrock.diagnosed")]).toBe(true);
    for (const other of [undefined, null, 1, "x", {}, new Error("x")]) expect(isDiagnosedError(other)).toBe(false);
  });

  it("has the newest diagnosis, and AWS's message once, if it's diagnosed twice (a mock throws one object for every call)", () => {
    const error = refusedBySdk();
    diagnosed(error, diagnosis("First."));
    diagnosed(error, diagnosis("Second."));
    expect(error.message).toBe(`Second.\nAWS message: ${RAW}`);
    expect(error.stack?.split(RAW)).toHaveLength(2);
    expect((error as unknown as { diagnosis: Diagnosis }).diagnosis.summary).toBe("Second.");
  });

  it.each([Object.freeze(refusedBySdk()), "a string", undefined, { message: "no error" }])(
    "isn't changed if it can't be written to",
    (error) => {
      expect(diagnosed(error, diagnosis())).toBe(error);
      expect(isDiagnosedError(error)).toBe(false);
    },
  );

  it("keeps a read-only message, and still has the diagnosis", () => {
    const error = new Error("x");
    Object.defineProperty(error, "message", { value: RAW, writable: false });
    expect(isDiagnosedError(diagnosed(error, diagnosis()))).toBe(true);
    expect(error.message).toBe(RAW);
  });
});

describe("an error that isn't like the SDK's", () => {
  const theirs = (): undefined => {
    throw new Error("theirs");
  };
  const attached = (error: unknown) => (error as { diagnosis?: Diagnosis }).diagnosis;
  const sealed = () => Object.seal(refusedBySdk());
  const nonExtensible = () => Object.preventExtensions(refusedBySdk());
  const fixedMessage = () =>
    Object.defineProperty(new Error("x"), "message", { value: RAW, writable: false, configurable: false });
  const fixedDiagnosis = () => Object.defineProperty(new Error(RAW), "diagnosis", { value: "of someone else" });

  it.each([
    ["frozen", () => Object.freeze(refusedBySdk())],
    ["sealed", sealed],
    ["not extensible", nonExtensible],
    ["of a fixed message", fixedMessage],
    ["with a fixed field of that name", fixedDiagnosis],
  ])("stays unchanged if it is %s, and its diagnosis is still found", (_, make) => {
    const error = make();
    const before = Object.getOwnPropertyDescriptors(error);
    expect(diagnosed(error, diagnosis(), new Error("cause"))).toBe(error);
    expect(Object.getOwnPropertyDescriptors(error)).toEqual(before);
    expect(isDiagnosedError(error)).toBe(false);
    expect(diagnosisOf(error)).toEqual(diagnosis());
  });

  it.each([
    ["an error of another realm", () => runInNewContext("Object.assign(new Error(raw), { name: 'X' })", { raw: RAW })],
    ["an object of the SDK's shape", () => ({ name: "AccessDeniedException", message: RAW, $metadata: {} })],
  ])("is diagnosed if it is %s", (_, make) => {
    const error = make();
    expect(error instanceof Error).toBe(false);
    diagnosed(error, diagnosis());
    expect(isDiagnosedError(error)).toBe(true);
    expect(error.message).toBe(`bedrock:InvokeModel is blocked in us-west-2.\nAWS message: ${RAW}`);
    expect(diagnosisOf(error)).toEqual(diagnosis());
  });

  it.each([
    ["a number", { value: 1 }],
    ["an object", { value: { text: RAW } }],
    ["undefined", { value: undefined }],
    ["a getter", { get: () => RAW }],
    [
      "a getter that throws",
      {
        get: theirs,
      },
    ],
  ])("keeps a message that is %s", (_, property) => {
    const error = Object.defineProperty(new Error("x"), "message", { ...property, configurable: true });
    const before = Object.getOwnPropertyDescriptor(error, "message");
    diagnosed(error, diagnosis());
    expect(Object.getOwnPropertyDescriptor(error, "message")).toEqual(before);
    expect(isDiagnosedError(error)).toBe(true);
  });

  it("keeps a message that its class computes", () => {
    class Made extends Error {
      override get message() {
        return RAW;
      }
    }
    const error = diagnosed(new Made(), diagnosis());
    expect(error.message).toBe(RAW);
    expect(attached(error)).toEqual(diagnosis());
  });

  it("has no enumerable field, also if it had no message", () => {
    const error = diagnosed(new Error(), diagnosis());
    expect(error.message).toBe(`bedrock:InvokeModel is blocked in us-west-2.\nAWS message: ${RAW}`);
    expect(Object.keys(error)).toEqual([]);
  });

  it.each([
    ["not text", { value: [1], writable: true, configurable: true }],
    ["read-only", { value: "Error: x", writable: false, configurable: true }],
    [
      "a getter that throws",
      {
        configurable: true,
        get: theirs,
      },
    ],
    [
      "a setter that throws",
      {
        configurable: true,
        get: () => "Error: x",
        set: theirs,
      },
    ],
  ] as [string, PropertyDescriptor][])("is diagnosed if its stack is %s", (_, stack) => {
    const error = Object.defineProperty(new Error(RAW), "stack", stack);
    diagnosed(error, diagnosis());
    expect(error.message).toBe(`bedrock:InvokeModel is blocked in us-west-2.\nAWS message: ${RAW}`);
    expect(attached(error)).toEqual(diagnosis());
  });

  it.each([
    ["Error", "the error's name"],
    ["a\n    at b", "lines like those of a stack"],
  ])("has the message in its stack's first lines if AWS's message is %j (%s)", (message) => {
    const error = new Error(message);
    const frames = error.stack?.slice(`Error: ${message}`.length);
    diagnosed(error, { summary: "Summary.", refusal: { raw: message, kind: "unknown" } } as Diagnosis);
    expect(error.stack).toBe(`Error: Summary.\nOriginal message: ${message}${frames}`);
  });

  it("never throws: a revoked proxy, traps and getters that throw", () => {
    const { proxy, revoke } = Proxy.revocable(new Error(RAW), {});
    revoke();
    const trap = () => {
      throw new Error("theirs");
    };
    const trapped = new Proxy(new Error(RAW), { defineProperty: trap, getOwnPropertyDescriptor: trap, get: trap });
    const refusing = new Proxy(new Error(RAW), { defineProperty: () => false });
    const causeThrows = Object.defineProperty(new Error(RAW), "cause", { get: trap });
    for (const error of [proxy, trapped, refusing, causeThrows]) {
      expect(diagnosed(error, diagnosis(), new Error("cause"))).toBe(error);
      expect(() => isDiagnosedError(error)).not.toThrow();
      expect(() => diagnosisOf(error)).not.toThrow();
    }
    expect(isDiagnosedError(refusing)).toBe(false);
    expect(diagnosisOf(refusing)).toEqual(diagnosis());
    expect(attached(causeThrows)).toEqual(diagnosis());
  });
});
