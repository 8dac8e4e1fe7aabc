import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CallerCredentials, isBearer } from "../../src/aws/credentials.js";
import { BedrockRuntimeClient, diagnose } from "../../src/index.js";
import { policySet } from "../../src/offline.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";

/** A provider that a test answers, call by call. */
function providing() {
  const pending: ((accessKeyId: string) => void)[] = [];
  const credentials = vi.fn(
    ({ forceRefresh }: { forceRefresh: boolean }) =>
      new Promise<{ accessKeyId: string }>((resolve) => {
        if (!forceRefresh) return resolve({ accessKeyId: "OLD" });
        pending.push((accessKeyId) => resolve({ accessKeyId }));
      }),
  );
  const refreshes = () => credentials.mock.calls.filter(([{ forceRefresh }]) => forceRefresh).length;
  return { pending, refreshes, caller: new CallerCredentials({ credentials } as never) };
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await undefined;
};

describe("a refresh of credentials", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is shared by all calls that fail while it's in progress, or that began before it ended", async () => {
    const { pending, refreshes, caller } = providing();
    const first = caller.refresh(Date.now());
    await turns();
    await vi.advanceTimersByTimeAsync(10);
    const begunMeanwhile = Date.now();
    const second = caller.refresh(begunMeanwhile);
    pending[0]?.("NEW");
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(await caller.refresh(begunMeanwhile)).toBe(true);
    expect(refreshes()).toBe(1);
  });

  it("that hangs is abandoned, and later calls start a new one", async () => {
    const { pending, refreshes, caller } = providing();
    const hanging = caller.refresh(Date.now());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await hanging).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const later = caller.refresh(Date.now());
    await turns();
    expect(refreshes()).toBe(2);
    pending[1]?.("NEW");
    expect(await later).toBe(true);
  });

  it("is left immediately by a call that is aborted, and continues for the others", async () => {
    const { pending, caller } = providing();
    const gone = new AbortController();
    const left = caller.refresh(Date.now(), gone.signal);
    const stays = caller.refresh(Date.now());
    await turns();
    gone.abort();
    expect(await left).toBe(false);
    pending[0]?.("NEW");
    expect(await stays).toBe(true);
  });
});

it("a refresh keeps the process alive only while a call waits for it", async () => {
  const active = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = active();
  const gone = new AbortController();
  const left = providing().caller.refresh(Date.now(), gone.signal);
  expect(active()).toBe(before + 1);
  gone.abort();
  await left;
  expect(active()).toBe(before);
});

describe("an API key in the environment", () => {
  beforeEach(() => {
    process.env.AWS_BEARER_TOKEN_BEDROCK = "a-key";
  });
  afterEach(() => {
    delete process.env.AWS_BEARER_TOKEN_BEDROCK;
  });

  it.each([{}, { credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" } }])(
    "authenticates the call, whatever the credentials: %j",
    async (own) => {
      const { config } = new BedrockRuntimeClient({ region: "us-east-1", ...own });
      expect(await isBearer(config)).toBe(true);
    },
  );

  it("isn't checked by a preflight", async () => {
    const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
    const preflight = await diagnose({
      modelId: "amazon.nova-pro-v1:0",
      client: clientOf(new SimulatedBedrock()),
      policies: policySet({ identity: [{ name: "All", document }] }),
      principalArn: "arn:aws:iam::111122223333:role/App",
      enforcedGuardrails: [],
    });
    expect(preflight).toMatchObject({ verdict: "unknown", leftOut: ["api-key"] });
  });
});
