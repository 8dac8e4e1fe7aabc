import { AccessDeniedException } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { DiagnosedError, diagnosed, isDiagnosedError } from "../src/error.js";
import type { Diagnosis } from "../src/explain/diagnosis.js";

const RAW = "User: arn:aws:iam::111122223333:root is not authorized to perform: bedrock:InvokeModel";

const diagnosis = (summary = "bedrock:InvokeModel is blocked in us-west-2.") =>
  ({ summary, refusal: { raw: RAW, kind: "iam-denied" } }) as Diagnosis;

const refusedBySdk = () =>
  new AccessDeniedException({ message: RAW, $metadata: { httpStatusCode: 403, requestId: "r-1" } });

describe("a diagnosed error is the SDK's own error", () => {
  it("is the same object, with class, name, fault and metadata as they were", () => {
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

  it("says the summary first and AWS's words after it, in message and in the stack's first line", () => {
    const error = refusedBySdk();
    const frames = error.stack?.split("\n    at ").slice(1);
    diagnosed(error, diagnosis());
    expect(error.message).toBe(`bedrock:InvokeModel is blocked in us-west-2.\n${RAW}`);
    expect(error.stack).toContain(`bedrock:InvokeModel is blocked in us-west-2.\n${RAW}\n    at `);
    expect(error.stack?.split("\n    at ").slice(1)).toEqual(frames);
  });

  it("writes a first line where the stack had none of the message", () => {
    const error = Object.assign(new Error("UnknownError"), { name: "AccessDeniedException" });
    error.message = RAW;
    diagnosed(error, diagnosis());
    expect(error.stack?.startsWith(`AccessDeniedException: ${error.message}\n    at `)).toBe(true);
  });

  it("answers isDiagnosedError and instanceof by a marker that survives two copies of the package", () => {
    const error = refusedBySdk();
    expect(isDiagnosedError(error)).toBe(false);
    expect(error).not.toBeInstanceOf(DiagnosedError);
    diagnosed(error, diagnosis());
    expect(isDiagnosedError(error)).toBe(true);
    expect(error).toBeInstanceOf(DiagnosedError);
    expect((error as unknown as Record<symbol, unknown>)[Symbol.for("resilient-bedrock.diagnosed")]).toBe(true);
    for (const other of [undefined, null, 1, "x", {}, new Error("x")]) expect(isDiagnosedError(other)).toBe(false);
  });

  it("diagnosed twice (a mock throws one object for every call) it holds the newest diagnosis, and AWS's words once", () => {
    const error = refusedBySdk();
    diagnosed(error, diagnosis("First."));
    diagnosed(error, diagnosis("Second."));
    expect(error.message).toBe(`Second.\n${RAW}`);
    expect(error.stack?.split(RAW)).toHaveLength(2);
    expect((error as unknown as { diagnosis: Diagnosis }).diagnosis.summary).toBe("Second.");
  });

  it.each([Object.freeze(refusedBySdk()), "a string", undefined, { message: "no error" }])(
    "what cannot be written to is returned as it is",
    (error) => {
      expect(diagnosed(error, diagnosis())).toBe(error);
      expect(isDiagnosedError(error)).toBe(false);
    },
  );

  it("keeps a message that is read-only, and still carries the diagnosis", () => {
    const error = new Error("x");
    Object.defineProperty(error, "message", { value: RAW, writable: false });
    expect(isDiagnosedError(diagnosed(error, diagnosis()))).toBe(true);
    expect(error.message).toBe(RAW);
  });
});
