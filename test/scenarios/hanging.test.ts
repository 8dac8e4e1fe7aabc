import { execFile } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { promisify } from "node:util";
import { BedrockClient } from "@aws-sdk/client-bedrock";
import {
  AccessDeniedException,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { BedrockRuntimeClient, Diagnosis, ResilienceOptions } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf, inProcess } from "../in-process.js";

// Each thing that a denied call may wait for, never answering: the original error comes at the deadline, at once on abort,
// and without any wait where the deadline is 0. Afterwards nothing more is sent.

const NOVA = "us.amazon.nova-pro-v1:0";
const ACCOUNT = "111122223333";
const MANAGEMENT = "999900001111";
/** Of the deadlines that must not be waited for. */
const AN_HOUR_MS = 60_000;
/** A wait that hasn't ended by then hangs, however busy the machine is. */
const HANGS_MS = 15_000;

const HIDDEN =
  "User: *** is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 with an explicit deny in a service control policy";

/** What hangs from the moment that the call is denied; released, it goes on. */
class Hung {
  isHanging = false;
  /** How often something was begun that hangs. */
  begun = 0;
  #release = () => {};
  readonly #released = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  /** A function that hangs while this does. */
  around<T>(work: () => T): () => Promise<T> {
    return async () => {
      if (this.isHanging) {
        this.begun += 1;
        await this.#released;
      }
      return work();
    };
  }

  release(): void {
    this.isHanging = false;
    this.#release();
  }
}

interface Scene {
  bedrock: SimulatedBedrock;
  hung: Hung;
  /** Operations that never answer from then on. */
  operations?: readonly (
    | "GetInferenceProfile"
    | "GetCallerIdentity"
    | "GetRole"
    | "SimulatePrincipalPolicy"
    | "DescribeOrganization"
    | "ListParents"
    | "ListPoliciesForTarget"
    | "DescribePolicy"
    | "GetFoundationModelAvailability"
    | "Converse"
  )[];
  resilience?: ResilienceOptions;
  config?: BedrockRuntimeClientConfig;
}

const simulated = () =>
  new SimulatedBedrock({
    organization: { managementAccountId: MANAGEMENT, root: { name: "Root", accounts: [{ id: ACCOUNT }] } },
    principals: [
      { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session` },
      { arn: `arn:aws:iam::${MANAGEMENT}:role/Auditor`, accessKeyId: "AKIDAUDITOR" },
    ],
  });

const auditorOf = (bedrock: SimulatedBedrock) =>
  new OrganizationsClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDAUDITOR", secretAccessKey: "example" },
    requestHandler: inProcess(bedrock) as never,
    maxAttempts: 1,
  });

const soon = () => new Date(Date.now() + 60_000);
const every = (bedrock: SimulatedBedrock): ResilienceOptions["diagnosis"] => ({
  simulation: { requestsPerSecond: 50 },
  organization: { client: auditorOf(bedrock) },
  probe: { mayStartSubscription: true },
});

const SCENES: Record<string, (scene: Scene) => Omit<Scene, "bedrock" | "hung">> = {
  // Credentials that expire soon are requested again for each request.
  "the credentials provider": ({ bedrock, hung }) => ({
    resilience: { diagnosis: every(bedrock) as object },
    config: {
      credentials: hung.around(() => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "S", expiration: soon() })),
    },
  }),
  "the Region's provider": ({ bedrock, hung }) => ({
    resilience: { diagnosis: every(bedrock) as object },
    config: { region: hung.around(() => "us-east-1") },
  }),
  "the preference of an authentication scheme": ({ bedrock, hung }) => ({
    resilience: { diagnosis: every(bedrock) as object },
    config: { authSchemePreference: hung.around(() => ["sigv4"]) },
  }),
  "the control plane": () => ({ operations: ["GetInferenceProfile", "GetFoundationModelAvailability"] }),
  "a client of the control plane that ignores its signal": ({ bedrock, hung }) => {
    const own = new BedrockClient({
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "S" },
      requestHandler: inProcess(bedrock) as never,
    });
    return {
      resilience: { resolve: { client: { send: (command: never) => hung.around(() => own.send(command))() } } },
    };
  },
  "the store": ({ hung }) => ({
    resilience: {
      store: { get: hung.around(() => undefined), set: hung.around(() => true), delete: hung.around(() => true) },
    },
  }),
  "AWS STS": ({ bedrock }) => ({
    operations: ["GetCallerIdentity"],
    resilience: { diagnosis: every(bedrock) as object },
  }),
  "IAM's roles": ({ bedrock }) => ({ operations: ["GetRole"], resilience: { diagnosis: every(bedrock) as object } }),
  "IAM's simulator": ({ bedrock }) => ({
    operations: ["SimulatePrincipalPolicy"],
    resilience: { diagnosis: every(bedrock) as object },
  }),
  "AWS Organizations, at first": ({ bedrock }) => ({
    operations: ["DescribeOrganization"],
    resilience: { diagnosis: every(bedrock) as object },
  }),
  "AWS Organizations, later": ({ bedrock }) => ({
    operations: ["ListParents", "DescribePolicy"],
    resilience: { diagnosis: every(bedrock) as object },
  }),
};

/** A client whose every call is denied, with a message that hides the caller. What hangs does so from then on. */
function denying(name: string, timeoutMs: number) {
  const scene = { bedrock: simulated(), hung: new Hung() };
  const { bedrock, hung } = scene;
  const { operations = [], resilience = {}, config = {} } = (SCENES[name] as (scene: Scene) => Scene)(scene);
  bedrock.fault({ operation: "Converse", status: 403, errorName: "AccessDeniedException", message: HIDDEN });
  const lifts: (() => void)[] = [];
  const begin = () => {
    hung.isHanging = true;
    for (const operation of operations) lifts.push(bedrock.fault({ operation, hang: true }));
  };
  subscribe("resilient-bedrock:refusal", begin);
  onTestFinished(() => void unsubscribe("resilient-bedrock:refusal", begin));
  const client = clientOf(bedrock, { ...resilience, diagnosis: { ...resilience.diagnosis, timeoutMs } }, config);
  const original: unknown[] = [];
  client.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        original.push(error);
        throw error;
      }),
    { step: "initialize", priority: "high", name: "sees-what-the-sdk-throws" },
  );
  onTestFinished(() => client.destroy());
  const release = () => {
    for (const lift of lifts) lift();
    hung.release();
  };
  return { bedrock, hung, client, original, release };
}

const hello = () => new ConverseCommand({ modelId: NOVA, messages: [{ role: "user", content: [{ text: "hello" }] }] });

/** How a call fails, and how long that takes, in milliseconds. */
async function failing(client: BedrockRuntimeClient, abortSignal?: AbortSignal) {
  const begun = performance.now();
  const error = await client
    .send(hello(), abortSignal ? { abortSignal } : {})
    .then(() => undefined)
    .catch((thrown: unknown) => thrown);
  return { error: error as AccessDeniedException & { diagnosis: Diagnosis }, took: performance.now() - begun };
}

function expectOriginal(error: AccessDeniedException & { diagnosis: Diagnosis }, original: unknown[]) {
  expect(error).toBe(original[0]);
  expect(error).toBeInstanceOf(AccessDeniedException);
  expect(error.name).toBe("AccessDeniedException");
  expect(error.message).toContain(HIDDEN);
  expect(error.diagnosis).toMatchObject({ kind: "iam-denied", blockedRegions: ["us-west-2"] });
}

/** Nothing follows an error that was thrown, also where what hung goes on later. */
async function expectSilence(bedrock: SimulatedBedrock, release: () => void) {
  const operations = () => bedrock.requests.map(({ operation }) => operation);
  const before = operations();
  release();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(operations()).toEqual(before);
}

describe.each(Object.keys(SCENES))("if %s never responds", (name) => {
  it("the error is thrown at the deadline", async () => {
    const { bedrock, client, original, release } = denying(name, 150);
    const { error, took } = await failing(client);
    expectOriginal(error, original);
    expect(took).toBeLessThan(HANGS_MS);
    await expectSilence(bedrock, release);
  });

  it("the error is thrown immediately when the caller aborts", async () => {
    const { bedrock, client, original, release } = denying(name, AN_HOUR_MS);
    const gone = new AbortController();
    const abort = () => setTimeout(() => gone.abort(), 50);
    subscribe("resilient-bedrock:refusal", abort);
    onTestFinished(() => void unsubscribe("resilient-bedrock:refusal", abort));
    const { error, took } = await failing(client, gone.signal);
    expectOriginal(error, original);
    expect(took).toBeLessThan(HANGS_MS);
    await expectSilence(bedrock, release);
  });

  it("nothing is requested or waited for with a deadline of 0", async () => {
    const { bedrock, hung, client, original, release } = denying(name, 0);
    const { error } = await failing(client);
    expectOriginal(error, original);
    expect(error.diagnosis.complete).toBe(false);
    expect(bedrock.requests.map(({ operation }) => operation)).toEqual(["Converse"]);
    if (name !== "the Region's provider") expect(hung.begun).toBe(0);
    await expectSilence(bedrock, release);
  });
});

describe.each(Object.keys(SCENES))("if %s never responds to a preflight", (name) => {
  it("the preflight ends at its own deadline, and reports that it's incomplete", async () => {
    const { bedrock, hung, client, release } = denying(name, AN_HOUR_MS);
    // One call, denied, begins what hangs.
    const gone = new AbortController();
    const first = failing(client, gone.signal);
    await vi.waitFor(() => expect(bedrock.requests.length).toBeGreaterThan(0));
    gone.abort();
    await first;
    hung.isHanging = true;
    const begun = performance.now();
    const preflight = await client.diagnose(hello(), { timeoutMs: 150 });
    expect(performance.now() - begun).toBeLessThan(HANGS_MS);
    expect(preflight.verdict).not.toBe("allowed");
    const gone2 = new AbortController();
    const asking = client.diagnose(hello(), { timeoutMs: AN_HOUR_MS, abortSignal: gone2.signal });
    setTimeout(() => gone2.abort(), 20);
    expect((await asking).verdict).not.toBe("allowed");
    expect(await client.diagnose(hello(), { timeoutMs: 0 })).toMatchObject({ complete: false });
    await expectSilence(bedrock, release);
  });
});

describe("the process of a last call", () => {
  it.each([
    ["control-plane", ""],
    ["control-plane", "abort"],
    ["store", ""],
    ["credentials", ""],
  ])(
    "ends by itself, although its %s never responds: %s",
    async (what, how) => {
      const bedrock = simulated();
      const server = await bedrock.listen();
      onTestFinished(() => server.close());
      bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
      for (const operation of ["GetInferenceProfile", "GetRole", "GetFoundationModelAvailability"] as const) {
        bedrock.fault({ operation, hang: true });
      }
      const program = join(import.meta.dirname, "last-call.ts");
      const env = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" };
      // If it doesn't end by itself, it's killed, which is an error.
      const options = { env, timeout: 60_000, killSignal: "SIGKILL" } as const;
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--no-warnings", "--import", "tsx", program, server.url, what, how],
        options,
      );
      const { name, ended } = JSON.parse(stdout);
      console.log(`${what} ${how}: the process ended ${Date.now() - ended} ms after its last call.`);
      expect(name).toBe("AccessDeniedException");
    },
    90_000,
  );
});

/** Timers run only when a test advances them, so a wait for one doesn't end by itself. */
function stopTimers() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Moves the timers for the time of two deadlines, and waits. */
async function moving<T>(promise: Promise<T>): Promise<T> {
  for (let moved = 0; moved < 5_000; moved += 20) {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(20);
  }
  return promise;
}

describe("a source that didn't respond in time", () => {
  const profileFinding = ({ evidence }: Diagnosis) => evidence.find(({ source }) => source === "profile")?.finding;

  it("delays the first denied call until its deadline, and doesn't delay the next ones", async () => {
    const { bedrock, client } = denying("the control plane", 2_000);
    // Loads what is loaded with a first denied call.
    const gone = new AbortController();
    const loading = failing(client, gone.signal);
    await vi.waitFor(
      () => expect(bedrock.requests.map(({ operation }) => operation)).toContain("GetInferenceProfile"),
      HANGS_MS,
    );
    gone.abort();
    await Promise.all([loading, import("../../src/resolve/known-profiles.js")]);
    stopTimers();
    const first = await moving(failing(client));
    expect(profileFinding(first.error.diagnosis)).toMatchObject({ failure: { reason: "timeout" } });
    const asked = bedrock.requests.length;
    for (let call = 0; call < 5; call++) {
      // No timer moves here.
      const { error } = await failing(client);
      expect(profileFinding(error.diagnosis)).toMatchObject({ failure: { reason: "timeout" } });
      expect(error.diagnosis.complete).toBe(false);
    }
    expect(bedrock.requests.length).toBe(asked + 5);
  });

  it("delays a call that a fallback answers by its deadline once", async () => {
    const bedrock = new SimulatedBedrock();
    bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
    const client = clientOf(bedrock, { fallback: { to: "single-region", remember: 0 } });
    onTestFinished(() => client.destroy());
    // Answered: loads what is loaded with a first fallback.
    await client.send(hello());
    await Promise.all([import("../../src/resolve/known-profiles.js"), import("../../src/resolve/known-models.js")]);
    client.destroy();
    for (const operation of ["GetFoundationModel", "GetInferenceProfile"] as const)
      bedrock.fault({ operation, hang: true });
    stopTimers();
    await moving(client.send(hello()));
    for (let call = 0; call < 3; call++) expect(await client.send(hello())).toMatchObject({ stopReason: "end_turn" });
    const lookups = bedrock.requests.filter(({ operation }) => operation === "GetFoundationModel");
    expect(lookups).toHaveLength(2);
  });

  it("isn't remembered if a caller aborted: the next caller starts a new lookup", async () => {
    const { bedrock, client } = denying("the control plane", AN_HOUR_MS);
    const lookups = () => bedrock.requests.filter(({ operation }) => operation === "GetInferenceProfile").length;
    for (const nth of [1, 2]) {
      const gone = new AbortController();
      const ending = failing(client, gone.signal);
      await vi.waitFor(() => expect(lookups()).toBe(nth), HANGS_MS);
      gone.abort(new DOMException("The application's own timeout.", "TimeoutError"));
      await ending;
    }
  });
});

it("gets one lookup for a thousand concurrent denied calls, which end together", async () => {
  const { bedrock, client, original } = denying("the control plane", 1_000);
  const lookups = () => bedrock.requests.filter(({ operation }) => operation === "GetInferenceProfile").length;
  stopTimers();
  const failures = Promise.all(Array.from({ length: 1_000 }, () => failing(client)));
  // No timer moves before the lookup is sent, however busy the machine is.
  while (lookups() === 0) await new Promise(setImmediate);
  const calls = await moving(failures);
  expect(new Set(calls.map(({ error }) => error))).toEqual(new Set(original));
  expect(lookups()).toBe(1);
  expect(new Set(calls.map(({ error }) => error.diagnosis.complete))).toEqual(new Set([false]));
  expect(Math.max(...calls.map(({ took }) => took))).toBeLessThan(HANGS_MS);
});
