import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Call, type SendResult } from "../../src/call/call.js";
import { parseCallError } from "../../src/refusal/parse.js";
import type { RetrySettings } from "../../src/retry/options.js";
import { type Retrying, withRetries } from "../../src/retry/with-retries.js";

const SETTINGS: RetrySettings = {
  expiredCredentials: true,
  modelTimeout: 5,
  modelError: 5,
  propagation: 60_000,
  timeoutMs: 60_000,
};

beforeEach(() => {
  vi.useFakeTimers();
  // No jitter: pauses of 200, 400, 800 … milliseconds.
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const failure = (name: string, message = "", retryAfter?: number) =>
  Object.assign(new Error(message), {
    name,
    $metadata: {},
    ...(retryAfter === undefined ? {} : { $response: { headers: { "retry-after": String(retryAfter) } } }),
  });
const timeout = (retryAfter?: number) => failure("ModelTimeoutException", "", retryAfter);
const expired = () => failure("ExpiredTokenException", "The security token included in the request is expired");
const denied = () =>
  failure(
    "AccessDeniedException",
    "User: arn:aws:iam::111122223333:user/u is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/m because no identity-based policy allows the bedrock:InvokeModel action",
  );

interface More extends Partial<Retrying> {
  signal?: AbortSignal;
}

/** Runs attempts that all fail in the same way. Returns when each began, and when the last failure was returned. */
async function run(error: () => unknown, over: Partial<RetrySettings> = {}, { signal, ...more }: More = {}) {
  const start = Date.now();
  const began: number[] = [];
  const send = withRetries({ settings: { ...SETTINGS, ...over }, refresh: async () => true, ...more })(async (sent) => {
    began.push(Date.now() - start);
    const thrown = error();
    return { error: thrown, refusal: parseCallError(thrown), sent };
  });
  const options = signal && { abortSignal: signal };
  const attempt = async () => undefined;
  let thrownAt: number | undefined;
  const call = Call.of({ command: { input: { modelId: "m" } }, options, attempt, sourceRegion: "us-east-1" });
  const ended = send(call).then((result) => {
    thrownAt = Date.now() - start;
    return "error" in result ? result.error : undefined;
  });
  await vi.advanceTimersByTimeAsync(200_000);
  return { began, thrownAt, thrown: await ended };
}

describe("the pauses between attempts", () => {
  it("increase, for as many attempts as the application allows", async () => {
    expect(await run(timeout, { modelTimeout: 4 })).toMatchObject({
      began: [0, 200, 600, 1_400, 3_000],
      thrownAt: 3_000,
    });
  });

  it("are never longer than ten seconds before the jitter", async () => {
    const { began } = await run(denied, { propagation: 100_000 });
    const pauses = began.slice(1).map((at, n) => at - (began[n] ?? 0));
    expect(Math.max(...pauses)).toBe(10_000);
  });

  it.each([
    ["a model's timeout", timeout, { timeoutMs: 1_000 }],
    ["a denial", denied, { propagation: 1_000 }],
  ])("aren't started if they would outlast the deadline: %s", async (_, error, rules) => {
    // The next pause, of 800 milliseconds, would end at 1,400.
    expect(await run(error, rules)).toMatchObject({ began: [0, 200, 600], thrownAt: 600 });
  });

  it("are as long as the service specifies, or aren't started", async () => {
    expect((await run(() => timeout(3), { modelTimeout: 1 })).began).toEqual([0, 3_000]);
    expect(await run(() => timeout(61))).toMatchObject({ began: [0], thrownAt: 0 });
  });

  it("end with the signal, and the next attempt fails with the SDK's error", async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    const { began, thrownAt } = await run(timeout, {}, { signal: abort.signal });
    expect({ began, thrownAt }).toEqual({ began: [0, 200, 300], thrownAt: 300 });
  });

  it("leave no timer behind", async () => {
    await run(timeout);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a refresh of credentials", () => {
  it("is followed by one attempt at once", async () => {
    expect(await run(expired)).toMatchObject({ began: [0, 0], thrownAt: 0 });
  });

  it("that returns the same credentials isn't followed by an attempt", async () => {
    expect((await run(expired, {}, { refresh: async () => false })).began).toEqual([0]);
    expect((await run(expired, {}, { refresh: () => Promise.reject(new Error("down")) })).began).toEqual([0]);
  });

  it("that hangs is waited for for five seconds, and no longer than the deadline", async () => {
    const refresh = () => new Promise<boolean>(() => {});
    expect(await run(expired, {}, { refresh })).toMatchObject({
      began: [0],
      thrownAt: 5_000,
      thrown: { name: "ExpiredTokenException" },
    });
    expect(await run(expired, { timeoutMs: 100 }, { refresh })).toMatchObject({ began: [0], thrownAt: 100 });
  });

  it("that hangs ends with the signal", async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    const refresh = () => new Promise<boolean>(() => {});
    expect(await run(expired, {}, { refresh, signal: abort.signal })).toMatchObject({ began: [0, 300], thrownAt: 300 });
  });
});

describe("a result that isn't retried", () => {
  const send = (result: SendResult) =>
    withRetries({ settings: SETTINGS, refresh: async () => true })(async () => result)(callOf());
  const callOf = () =>
    Call.of({ command: {}, options: undefined, attempt: async () => undefined, sourceRegion: "us-east-1" });

  it("is returned unchanged: an answer, and a failure of the SDK's own", async () => {
    const metadata = Object.freeze({ attempts: 3 });
    for (const result of [
      { output: { $metadata: metadata } },
      { error: Object.assign(new Error("x"), { $metadata: metadata }), refusal: null, sent: callOf() },
    ]) {
      expect(await send(result)).toBe(result);
    }
  });
});
