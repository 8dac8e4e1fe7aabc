import { describe, expect, it, vi } from "vitest";
import { Call, type Send } from "../../src/call/call.js";
import type { FallbackPorts } from "../../src/fallback/ports.js";
import { withFallback } from "../../src/fallback/with-fallback.js";
import type { ParsedRefusal } from "../../src/refusal/parse.js";

const MODEL = "amazon.nova-pro-v1:0";
const OTHER = "meta.llama3-1-8b-instruct-v1:0";
const PROFILE = `us.${MODEL}`;
const SETTINGS = {
  models: { [PROFILE]: OTHER },
  allowRegions: [],
  remember: 60_000,
  timeoutMs: 2_000,
  principalArn: undefined,
};

const denialOf = (region: string): ParsedRefusal => ({
  raw: "denied",
  kind: "iam-denied",
  action: "bedrock:InvokeModel",
  resource: `arn:aws:bedrock:${region}::foundation-model/${MODEL}`,
  region,
  modelId: MODEL,
});
const ROUTING = denialOf("us-west-2");
const PERMISSION = denialOf("us-east-1");

class Converse {
  readonly schema = [9, "", "Converse"];
  constructor(readonly input: Record<string, unknown>) {}
}

const callOf = (input: Record<string, unknown> = {}, signal?: AbortSignal) =>
  Call.of({
    command: new Converse({ modelId: PROFILE, ...input }),
    options: { abortSignal: signal },
    attempt: async () => undefined,
    sourceRegion: "us-east-1",
  });

function portsOf(more: Partial<FallbackPorts> = {}): FallbackPorts {
  return {
    resolveProfile: async () => ({ via: "none", cached: false }),
    resolveModel: async (id, region) => ({ via: "api", model: { id, region, inferenceTypes: ["ON_DEMAND"] } }),
    credentialsScope: async () => "A",
    callerArn: () => Promise.reject(new Error("unknown")),
    isEndpointPinned: async () => true,
    sendIn: () => Promise.reject(new Error("pinned")),
    diagnoser: async () => undefined,
    publishRefusal: vi.fn(),
    ...more,
  };
}

/** A layer below that denies or fails by model, and answers all other calls. */
function failing(failures: Record<string, ParsedRefusal | null>): { next: Send; sent: string[] } {
  const sent: string[] = [];
  const next: Send = async (call) => {
    sent.push(call.modelId);
    const refusal = failures[call.modelId];
    return refusal === undefined ? { output: call.modelId } : { error: `${call.modelId} failed`, refusal, sent: call };
  };
  return { next, sent };
}

describe("the fallback layer", () => {
  it("returns an answer unchanged", async () => {
    const answer = { output: {} };
    expect(await withFallback(SETTINGS, portsOf())(async () => answer)(callOf())).toBe(answer);
  });

  it("returns a failure that isn't a denial unchanged", async () => {
    const call = callOf();
    const failure = { error: new Error("throttled"), refusal: null, sent: call };
    expect(await withFallback(SETTINGS, portsOf())(async () => failure)(call)).toBe(failure);
  });

  it("sends a call whose routing is denied to the first candidate, with a report", async () => {
    const ports = portsOf();
    const { next, sent } = failing({ [PROFILE]: ROUTING });
    const result = await withFallback(SETTINGS, ports)(next)(callOf({ serviceTier: "flex" }));
    expect(result).toMatchObject({
      output: MODEL,
      report: { requested: { modelId: PROFILE }, used: { modelId: MODEL }, why: "denied", dropped: ["serviceTier"] },
    });
    expect(sent).toEqual([PROFILE, MODEL]);
    expect(ports.publishRefusal).toHaveBeenCalledTimes(1);
  });

  it("doesn't change the call that it received", async () => {
    const call = callOf({ serviceTier: "flex" });
    const command = structuredClone(call.command);
    await withFallback(SETTINGS, portsOf())(failing({ [PROFILE]: ROUTING }).next)(call);
    expect(structuredClone(call.command)).toEqual(command);
  });

  it("returns the call's own failure with the report and the causes, if each candidate is denied", async () => {
    const call = callOf();
    const { next, sent } = failing({ [PROFILE]: ROUTING, [MODEL]: PERMISSION, [OTHER]: PERMISSION });
    const result = await withFallback(SETTINGS, portsOf())(next)(call);
    expect(result).toMatchObject({
      error: `${PROFILE} failed`,
      refusal: ROUTING,
      sent: call,
      report: { considered: [{ outcome: "denied" }, { outcome: "denied" }] },
      cause: { errors: [`${MODEL} failed`, `${OTHER} failed`] },
    });
    expect(sent).toEqual([PROFILE, MODEL, OTHER]);
  });

  it("tries no other candidate after a failure that isn't a denial", async () => {
    const { next, sent } = failing({ [PROFILE]: ROUTING, [MODEL]: null });
    const result = await withFallback(SETTINGS, portsOf())(next)(callOf());
    expect(result).toMatchObject({ error: `${PROFILE} failed`, cause: `${MODEL} failed` });
    expect(sent).toEqual([PROFILE, MODEL]);
  });

  it("returns the failure of a candidate that the application aborted", async () => {
    const abort = new AbortController();
    const { next } = failing({ [PROFILE]: ROUTING, [MODEL]: null });
    const aborting: Send = async (call) => {
      if (call.modelId === MODEL) abort.abort();
      return next(call);
    };
    const result = await withFallback(SETTINGS, portsOf())(aborting)(callOf({}, abort.signal));
    expect(result).toMatchObject({ error: `${MODEL} failed` });
  });

  it("sends the next calls straight to the candidate that answered, and the call itself if none answers", async () => {
    const failures: Record<string, ParsedRefusal | null> = { [PROFILE]: ROUTING };
    const { next, sent } = failing(failures);
    const send = withFallback(SETTINGS, portsOf())(next);
    await send(callOf());
    expect(await send(callOf())).toMatchObject({ output: MODEL, report: { remembered: true } });
    expect(sent).toEqual([PROFILE, MODEL, MODEL]);
    Object.assign(failures, { [MODEL]: PERMISSION, [OTHER]: PERMISSION });
    expect(await send(callOf())).toMatchObject({ error: `${PROFILE} failed`, report: { remembered: true } });
    expect(sent.slice(3)).toEqual([MODEL, OTHER, PROFILE]);
  });

  it.each<[string, Record<string, unknown>, ParsedRefusal, string]>([
    ["a stream in its input", { body: (async function* () {})() }, ROUTING, "body-not-replayable"],
    ["a bare model", { modelId: MODEL }, ROUTING, "not-a-profile"],
    ["a denial of permission", {}, PERMISSION, "not-about-routing"],
  ])("reports why it does nothing: %s", async (_, input, refusal, notTried) => {
    const { next, sent } = failing({ [PROFILE]: refusal, [MODEL]: refusal });
    const call = callOf(input);
    const result = await withFallback(SETTINGS, portsOf())(next)(call);
    expect(result).toMatchObject({ refusal, sent: call, report: { notTried, considered: [] } });
    expect(sent).toHaveLength(1);
  });

  it("diagnoses a denial once for all calls that it answers, and announces each of them", async () => {
    const diagnosis = { summary: "The summary." } as never;
    const diagnoser = { diagnose: vi.fn(async () => diagnosis), announce: vi.fn(async () => {}) };
    const { next } = failing({ [PROFILE]: ROUTING });
    const send = withFallback(SETTINGS, portsOf({ diagnoser: async () => diagnoser }))(next);
    for (const remembered of [false, true, true]) {
      expect(await send(callOf())).toMatchObject({ report: { why: "The summary.", remembered } });
    }
    expect([diagnoser.diagnose.mock.calls.length, diagnoser.announce.mock.calls.length]).toEqual([1, 3]);
  });

  it("only sends the call if its ports fail", async () => {
    const fails = () => Promise.reject(new Error("not loaded"));
    const broken = { credentialsScope: fails, isEndpointPinned: fails, resolveProfile: fails, resolveModel: fails };
    const { next, sent } = failing({ [PROFILE]: ROUTING });
    const result = await withFallback(SETTINGS, portsOf({ ...broken, diagnoser: async () => undefined }))(next)(
      callOf(),
    );
    expect(result).toMatchObject({ error: `${PROFILE} failed`, report: { notTried: "no-candidate" } });
    expect(sent).toEqual([PROFILE]);
  });
});
