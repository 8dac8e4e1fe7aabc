import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallEnvironment } from "../../src/call/context.js";
import { sender } from "../../src/call/send.js";
import type { Diagnosis } from "../../src/diagnosis.js";
import { resolveOptions } from "../../src/options.js";

const CALLS = 500;
const MESSAGE =
  "User: arn:aws:sts::111122223333:assumed-role/App/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 with an explicit deny in a service control policy";

const command = () => ({ input: { modelId: "us.amazon.nova-pro-v1:0" } });
const denial = () =>
  Object.assign(new Error(MESSAGE), { name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } });

/** A client whose ports can't be loaded, so that a diagnosis rests on the message alone. */
function contextOf(regions: string[]): CallEnvironment {
  const life = new AbortController();
  return {
    options: resolveOptions({ diagnosis: { timeoutMs: 60_000 } }),
    destroyed: () => life.signal,
    sourceRegion: async () => {
      regions.push("us-east-1");
      return "us-east-1";
    },
    ports: () => Promise.reject(new Error("not loaded")),
  };
}

/** Sends calls at once that are all denied, and returns their diagnoses. */
function denyAll(context: CallEnvironment, signalOf: (call: number) => AbortSignal | undefined) {
  const send = sender(context);
  const refuse = () => Promise.reject(denial());
  const calls = Array.from({ length: CALLS }, async (_, call) => {
    const signal = signalOf(call);
    const options = signal ? [{ abortSignal: signal }] : [];
    const error = await (send(refuse, [command(), ...options]) as Promise<unknown>).catch((thrown) => thrown);
    return (error as { diagnosis: Diagnosis }).diagnosis;
  });
  return Promise.all(calls);
}

beforeEach(() => {
  // The time stands still, so how busy the machine is doesn't decide which calls are denied at the same time.
  vi.spyOn(performance, "now").mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The timers that run for a diagnosis's deadline. */
function deadlineTimers() {
  const { setTimeout } = globalThis;
  const ms: (number | undefined)[] = [];
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((callback: () => void, delay?: number) => {
    ms.push(delay);
    return setTimeout(callback, delay);
  }) as typeof globalThis.setTimeout);
  return () => ms.filter((delay) => delay === 60_000).length;
}

describe("calls that are denied at once", () => {
  it("share one deadline and one Region, and each get a diagnosis of their own", async () => {
    const regions: string[] = [];
    const timers = deadlineTimers();
    const diagnoses = await denyAll(contextOf(regions), () => undefined);
    expect(new Set(diagnoses).size).toBe(CALLS);
    expect(new Set(diagnoses.map(({ refusal }) => refusal)).size).toBe(CALLS);
    expect(new Set(diagnoses.map(({ legs }) => legs)).size).toBe(1);
    expect(regions).toHaveLength(1);
    // One timer is for loading, and one for the diagnosis.
    expect(timers()).toBeLessThanOrEqual(2);
  });

  it("have a deadline for each abort signal, and one that is aborted doesn't end the others", async () => {
    const regions: string[] = [];
    const aborted = AbortSignal.abort();
    const { signal } = new AbortController();
    const diagnoses = await denyAll(contextOf(regions), (call) => (call % 2 === 0 ? aborted : signal));
    expect(regions).toHaveLength(2);
    expect(diagnoses.every(({ kind }) => kind === "iam-denied")).toBe(true);
    expect(diagnoses[0]?.evidence).not.toEqual(diagnoses[1]?.evidence);
  });
});
