import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { couldBeDenial } from "../../src/call/could-be-denial.js";
import { parseCallError } from "../../src/refusal/parse.js";
import { REFUSALS } from "../cases/refusals.js";

interface Parts {
  message: string;
  name?: string | undefined;
  status?: number | undefined;
}

/** As the SDK throws it. */
const asError = ({ message, name, status }: Parts): Error =>
  Object.assign(new Error(message), name === undefined ? {} : { name }, {
    $metadata: { attempts: 1, ...(status === undefined ? {} : { httpStatusCode: status }) },
  });

/** The shapes in which errors of a call are thrown: by the SDK, by other SDKs, by HTTP clients, and by wrappers. */
const SHAPES: Record<string, (parts: Parts) => unknown> = {
  "the SDK's error": asError,
  "with its response": (parts) =>
    Object.assign(asError(parts), { $response: { statusCode: parts.status, headers: {}, body: {} } }),
  "without $metadata": ({ message, name }) => Object.assign(new Error(message), name === undefined ? {} : { name }),
  "a plain object": ({ message, name, status }) => ({ message, name, statusCode: status }),
  "with the service's name": ({ message, name }) =>
    Object.assign(new Error(message), { name: `com.amazon.coral.service#${name}` }),
  "with the name of an event stream": ({ message, name = "" }) =>
    Object.assign(new Error(message), { name: name.charAt(0).toLowerCase() + name.slice(1) }),
  "in an answered stream": ({ message, name }) => asError({ message, name, status: 200 }),
  "as a cause": (parts) => new Error("The call failed.", { cause: asError(parts) }),
  "as the cause of a server error": (parts) =>
    Object.assign(asError({ message: "x", name: "Wrapper", status: 502 }), { cause: asError(parts) }),
  "as the cause of a throttling error": (parts) =>
    Object.assign(asError({ message: "x", name: "ThrottlingException", status: 429 }), { cause: asError(parts) }),
  "in a list of errors": (parts) => new AggregateError([new Error("first"), asError(parts)], "All failed."),
  "as the last error": (parts) => Object.assign(new Error("Gave up."), { lastError: asError(parts) }),
  "in a response's body": ({ message, name, status }) =>
    Object.assign(new Error("Request failed"), {
      response: { status, data: JSON.stringify({ Message: message, __type: name }) },
    }),
  "in an OpenAI-compatible body": ({ message, name, status }) => ({ status, error: { message, code: name } }),
  "a text": ({ message }) => message,
};
const shapes = Object.entries(SHAPES);

const messages = [...new Set(REFUSALS.map(({ message }) => message))];
const names = [
  ...new Set(REFUSALS.flatMap(({ errorName }) => errorName ?? [])),
  "ThrottlingException",
  "ModelError",
  "ModelErrorException",
  "ECONNRESET",
  "AccessDenied",
  "UnknownError",
  "Forbidden",
];
const statuses = [200, 400, 401, 402, 403, 404, 408, 409, 424, 429, 500, 503];

describe("an error that could be a denial", () => {
  it.each(shapes)("includes every denial that the parser finds, %s", (_, shaped) => {
    let denials = 0;
    for (const { message, errorName: name, status } of REFUSALS) {
      const error = shaped({ message, name, status });
      if (parseCallError(error) === null) continue;
      denials += 1;
      expect([message, couldBeDenial(error)]).toEqual([message, true]);
    }
    // No shape is without a denial by mistake, except those in which the parser finds none.
    const isNone = _ === "in an answered stream" || _ === "as the cause of a throttling error";
    expect(denials > 0).toBe(!isNone);
  });

  it("includes them under any name and status, in any shape", () => {
    const parts = fc.record({
      message: fc.constantFrom(...messages),
      name: fc.constantFrom(undefined, ...names),
      status: fc.constantFrom(undefined, ...statuses),
    });
    const shape = fc.constantFrom(...shapes.map(([, shaped]) => shaped));
    let denials = 0;
    fc.assert(
      fc.property(parts, parts, shape, shape, (inner, outer, shaped, wrapped) => {
        const cause = shaped(inner);
        const outside = wrapped(outer);
        const wrapper = typeof outside === "object" && outside !== null ? Object.assign(outside, { cause }) : outside;
        for (const error of [cause, wrapper]) {
          if (parseCallError(error) === null) continue;
          denials += 1;
          expect(couldBeDenial(error)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(denials).toBeGreaterThan(300);
  });

  it("includes an error that was diagnosed before", () => {
    const diagnosed = { [Symbol.for("resilient-bedrock.diagnosed")]: true, name: "ThrottlingException" };
    expect(couldBeDenial(Object.assign(new Error("x"), diagnosed))).toBe(true);
  });

  it.each<[string, unknown]>([
    ["throttling", asError({ message: "Too many requests.", name: "ThrottlingException", status: 429 })],
    ["a quota", asError({ message: "x", name: "ServiceQuotaExceededException", status: 400 })],
    ["a server error", asError({ message: "x", name: "InternalServerException", status: 500 })],
    ["a server error without a name", asError({ message: "UnknownError", name: "UnknownError", status: 500 })],
    ["an unavailable service", asError({ message: "x", name: "ServiceUnavailableException", status: 503 })],
    ["a model that isn't ready", asError({ message: "x", name: "ModelNotReadyException", status: 429 })],
    ["a model's timeout", asError({ message: "x", name: "ModelTimeoutException", status: 408 })],
    ["a model's error", asError({ message: "x", name: "ModelErrorException", status: 424 })],
    ["an abort", Object.assign(new Error("Request aborted"), { name: "AbortError" })],
    ["a timeout of the network", Object.assign(new Error("Connection timed out"), { name: "TimeoutError" })],
    ["credentials that weren't found", Object.assign(new Error("x"), { name: "CredentialsProviderError" })],
    ["a broken stream", asError({ message: "x", name: "ModelStreamErrorException", status: 200 })],
    ["an exception inside an answered stream", asError({ message: "x", name: "ValidationException", status: 200 })],
    ["undefined", undefined],
    ["a symbol", Symbol("x")],
  ])("doesn't include %s", (_, error) => {
    expect([parseCallError(error), couldBeDenial(error)]).toEqual([null, false]);
  });

  it("is determined without throwing, whatever the error is", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(couldBeDenial(proxy)).toBe(true);
    fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (value) => void couldBeDenial(value)));
  });
});
