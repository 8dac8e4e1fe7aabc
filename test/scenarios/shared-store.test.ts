import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import Keyv from "keyv";
import { describe, expect, it } from "vitest";
import {
  type BedrockRuntimeClient,
  type Diagnosis,
  type DiagnosisOptions,
  fallbackOf,
  isDiagnosedError,
  type KeyValueStore,
  type ResilienceOptions,
} from "../../src/index.js";
import { policySet } from "../../src/offline.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf, inProcess } from "../in-process.js";
import { FULL, policy } from "../policies.js";

const NOVA = "us.amazon.nova-pro-v1:0";
const ACCOUNT = "111122223333";
const MANAGEMENT = "999900001111";
const CANARY = "canary-prompt-7f3a";

const DENY_WEST = policy("DenyWest", {
  Effect: "Deny",
  Action: "bedrock:*",
  Resource: "*",
  Condition: {
    StringEquals: { "aws:RequestedRegion": "us-west-2" },
    ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/admin/*" },
  },
});

/** Functions of one fleet, which are sessions of one role, and one of another account. */
const keys = {
  one: "AKIDONE",
  twin: "AKIDTWIN",
  two: "AKIDTWO",
  stranger: "AKIDSTRANGER",
  auditor: "AKIDAUDITOR",
} as const;
const simulated = () =>
  new SimulatedBedrock({
    organization: {
      managementAccountId: MANAGEMENT,
      root: { name: "Root", policies: [FULL, DENY_WEST], accounts: [{ id: ACCOUNT }, { id: "444455556666" }] },
    },
    principals: [
      { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/one`, accessKeyId: keys.one },
      // The same function in another process: the session's name is the function's.
      { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/one`, accessKeyId: keys.twin },
      { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/two`, accessKeyId: keys.two },
      { arn: "arn:aws:sts::444455556666:assumed-role/AppRole/one", accessKeyId: keys.stranger },
      { arn: `arn:aws:iam::${MANAGEMENT}:role/Auditor`, accessKeyId: keys.auditor },
    ],
  });

const as = (bedrock: SimulatedBedrock, who: keyof typeof keys, resilience: ResilienceOptions) =>
  clientOf(bedrock, resilience, {
    credentials: { accessKeyId: keys[who], secretAccessKey: "canary-secret-91bc", sessionToken: "canary-token-5d20" },
  });
const hello = () => new ConverseCommand({ modelId: NOVA, messages: [{ role: "user", content: [{ text: CANARY }] }] });
async function refused(client: BedrockRuntimeClient): Promise<Diagnosis> {
  const error: unknown = await client.send(hello()).catch((thrown) => thrown);
  if (!isDiagnosedError(error)) throw new Error("not refused");
  return error.diagnosis;
}
const operations = (bedrock: SimulatedBedrock) => bedrock.requests.map(({ operation }) => operation);
/** Everything that is written on the way has been written. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

const allSources = (bedrock: SimulatedBedrock): DiagnosisOptions => ({
  simulation: { requestsPerSecond: 50 },
  policies: policySet({ identity: [FULL] }),
  organization: {
    client: new OrganizationsClient({
      region: "us-east-1",
      credentials: { accessKeyId: keys.auditor, secretAccessKey: "S" },
      requestHandler: inProcess(bedrock) as never,
    }),
  },
});

describe("what one process looked up", () => {
  it("is available to the next one, with its source: profile, role, simulation, organization", async () => {
    const bedrock = simulated();
    const store = new Keyv();
    const first = await refused(as(bedrock, "one", { store, diagnosis: allSources(bedrock) }));
    await settled();
    expect(new Set(operations(bedrock))).toContain("SimulatePrincipalPolicy");
    bedrock.requests.length = 0;
    const second = await refused(as(bedrock, "twin", { store, diagnosis: allSources(bedrock) }));
    expect(operations(bedrock)).toEqual(["Converse"]);
    expect(second.evidence.find(({ source }) => source === "profile")?.finding).toMatchObject({
      code: "profile-from-api",
      cached: true,
    });
    expect(second.legs).toEqual(first.legs);
    expect(second.remedies.some(({ verified }) => verified)).toBe(true);
  });

  it("isn't used by another account: its profile's ARN differs", async () => {
    const bedrock = simulated();
    const store = new Keyv();
    await refused(as(bedrock, "one", { store }));
    await settled();
    bedrock.requests.length = 0;
    const { legs } = await refused(as(bedrock, "stranger", { store }));
    expect(operations(bedrock)).toEqual(["Converse"]);
    expect(legs[0]?.leg.resource).toBe(`arn:aws:bedrock:us-east-1:444455556666:inference-profile/${NOVA}`);
  });
});

describe("a denial in one process", () => {
  const fallback = { to: "single-region" } as const;

  it("keeps other sessions of its role from being denied, until its time is over or the profile answers", async () => {
    const bedrock = simulated();
    const store = new Keyv();
    const output = await as(bedrock, "one", { store, fallback }).send(hello());
    expect(fallbackOf(output)).toMatchObject({ remembered: false, used: { modelId: "amazon.nova-pro-v1:0" } });
    await settled();
    bedrock.requests.length = 0;

    const reports: unknown[] = [];
    const onFallback = (report: unknown) => reports.push(report);
    const other = as(bedrock, "two", { store, fallback, onFallback });
    expect(fallbackOf(await other.send(hello()))).toMatchObject({
      remembered: true,
      used: { modelId: "amazon.nova-pro-v1:0" },
      why: expect.stringContaining("us-west-2"),
    });
    expect(reports).toHaveLength(1);
    const invoked = () =>
      bedrock.requests.filter(({ operation }) => operation === "Converse").map(({ modelId }) => modelId);
    expect(invoked()).toEqual(["amazon.nova-pro-v1:0"]);
    await other.send(hello());
    expect(invoked()).toEqual(["amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"]);

    // The same role in another account wasn't denied yet.
    bedrock.requests.length = 0;
    await as(bedrock, "stranger", { store, fallback }).send(hello());
    expect(invoked()).toEqual([NOVA, "amazon.nova-pro-v1:0"]);
  });

  it("is removed for all when the profile answers one of them", async () => {
    const bedrock = new SimulatedBedrock();
    const lift = bedrock.deny({ region: "us-west-2", policyType: "service-control-policy" });
    const store = new Keyv();
    const remember = 60;
    const first = clientOf(bedrock, { store, fallback: { ...fallback, remember } });
    await first.send(hello());
    lift();
    await new Promise((resolve) => setTimeout(resolve, remember + 10));
    expect(fallbackOf(await first.send(hello()))).toBeUndefined();
    await settled();
    const late = clientOf(bedrock, { store, fallback });
    expect(fallbackOf(await late.send(hello()))).toBeUndefined();
  });

  it("causes no identity lookup if no call was denied", async () => {
    const bedrock = new SimulatedBedrock();
    await clientOf(bedrock, { store: new Keyv(), fallback }).send(hello());
    expect(operations(bedrock)).toEqual(["Converse"]);
  });
});

describe("a store that fails doesn't affect calls", () => {
  const broken: [string, () => KeyValueStore][] = [
    ["throws", () => ({ get: fail, set: fail, delete: fail })],
    ["rejects", () => ({ get: async () => fail(), set: async () => fail(), delete: async () => fail() })],
    ["never answers", () => ({ get: never, set: never, delete: never })],
    ["holds nonsense", () => ({ get: () => "nonsense", set: () => {}, delete: () => {} })],
    [
      "contains an invalid entry",
      () => ({ get: async () => JSON.stringify({ at: Date.now(), value: true }), set: () => {}, delete: () => {} }),
    ],
    [
      "contains outdated entries",
      () => ({ get: async () => JSON.stringify({ at: 0, value: { id: NOVA } }), set: () => {}, delete: () => {} }),
    ],
    ["returns something other than a promise", () => ({ get: () => 7, set: () => Symbol("done"), delete: () => null })],
    ["rejects when no caller waits any more", () => ({ get: async () => undefined, set: later, delete: later })],
    [
      "is a Keyv without its server",
      () => new Keyv({ store: { get: fail, set: fail, delete: fail, clear: fail, on() {} } }),
    ],
  ];
  function fail(): never {
    throw new Error("the store is broken");
  }
  const never = () => new Promise<never>(() => {});
  const later = () => new Promise<never>((_, reject) => setTimeout(reject, 300, new Error("too late")));

  it.each(broken)("%s", async (_, make) => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listen);
    const bedrock = simulated();
    const with_ = (more: ResilienceOptions) => as(bedrock, "one", { store: make(), ...more });
    const diagnosis = await refused(with_({ diagnosis: allSources(bedrock) }));
    const plain = await refused(as(bedrock, "one", { diagnosis: allSources(bedrock) }));
    expect(diagnosis.legs).toEqual(plain.legs);
    expect(diagnosis.complete).toBe(true);
    const lift = bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
    const client = with_({ fallback: { to: "single-region", remember: 1 } });
    const output = await client.send(hello());
    expect(fallbackOf(output)?.used?.modelId).toBe("amazon.nova-pro-v1:0");
    lift();
    // Removals and entries in the background end there.
    await client.send(hello());
    await new Promise((resolve) => setTimeout(resolve, 350));
    process.off("unhandledRejection", listen);
    expect(unhandled).toEqual([]);
  });
});

it("contains no prompt, credential, or access key ID", async () => {
  const bedrock = simulated();
  const map = new Map<string, string>();
  const options = { store: map, fallback: { to: "single-region" } as const, diagnosis: allSources(bedrock) };
  await as(bedrock, "one", options).send(hello());
  await settled();
  const everything = JSON.stringify([...map]);
  expect(map.size).toBeGreaterThan(5);
  for (const canary of [CANARY, "canary-secret", "canary-token", ...Object.values(keys)]) {
    expect(everything).not.toContain(canary);
  }
});
