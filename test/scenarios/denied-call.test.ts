import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { AccessDeniedException, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  type Diagnosis,
  isDiagnosedError,
  type ResilienceOptions,
} from "../../src/index.js";
import { SIMULATED_SENTENCES } from "../../src/testing/refusals.js";
import { type KindRefusal, type LoopbackServer, SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";

const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const US = `us.${SONNET}`;
const SCP = "arn:aws:organizations::999900001111:policy/o-exampleorg1/service_control_policy/p-ex4mpl31";

const bedrock = new SimulatedBedrock({
  profiles: [
    { id: "a1b2c3d4e5f6", type: "APPLICATION", modelId: SONNET, routes: { "us-east-1": ["us-east-1", "us-west-2"] } },
  ],
});
let server: LoopbackServer;

beforeAll(async () => {
  server = await bedrock.listen();
});
afterAll(() => server.close());
beforeEach(() => bedrock.reset());

const blockWest = () => bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", policyArn: SCP });

function clientWith(resilience?: ResilienceOptions, config: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient {
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    ...config,
    ...(resilience ? { resilience } : {}),
  });
  onTestFinished(() => client.destroy());
  return client;
}

const converse = (modelId = US) =>
  new ConverseCommand({ modelId, messages: [{ role: "user", content: [{ text: "Hello" }] }] });

async function thrownBy(call: Promise<unknown>): Promise<Error> {
  const error = await call.then(
    () => new Error("nothing was thrown"),
    (thrown: Error) => thrown,
  );
  return error;
}

async function diagnosisOf(call: Promise<unknown>): Promise<Diagnosis> {
  const error = await thrownBy(call);
  if (!isDiagnosedError(error)) throw new Error("The error carries no diagnosis.", { cause: error });
  return error.diagnosis;
}

/** The second piece of evidence: where the profile routes to. */
const routes = ({ evidence }: Diagnosis) => evidence[1] as Diagnosis["evidence"][number];

const asked = (operation: string) => bedrock.requests.filter((request) => request.operation === operation);

describe("a call that is denied in one destination Region", () => {
  it("states which Region, action, and policy, and what to do", async () => {
    blockWest();
    const error = await thrownBy(clientWith().send(converse()));
    expect(error).toBeInstanceOf(AccessDeniedException);
    expect(error.message).toMatch(
      /^bedrock:InvokeModel was denied in us-west-2, a destination Region of us\.anthropic\./,
    );
    expect(error.message).toContain("p-ex4mpl31");
    expect(error.message).toContain(
      "\nAWS message: User: arn:aws:sts::111122223333:assumed-role/AppRole/session is not authorized",
    );
    const diagnosis = await diagnosisOf(clientWith().send(converse()));
    expect(diagnosis).toMatchObject({
      kind: "iam-denied",
      operation: "Converse",
      action: "bedrock:InvokeModel",
      modelId: US,
      sourceRegion: "us-east-1",
      blockedRegions: ["us-west-2"],
      principal: { type: "assumed-role", accountId: "111122223333", name: "AppRole", sessionName: "session" },
      policy: { type: "service-control-policy", arn: SCP, id: "p-ex4mpl31", denyKind: "explicit" },
      profile: { id: US, type: "SYSTEM_DEFINED", sourceRegion: "us-east-1" },
      confidence: "certain",
      complete: true,
    });
    expect(diagnosis.legs.map(({ leg, verdict }) => [leg.stage, leg.region, verdict])).toEqual([
      ["profile", "us-east-1", "unknown"],
      ["source-model", "us-east-1", "unknown"],
      ["destination-model", "us-east-2", "unknown"],
      ["destination-model", "us-west-2", "blocked"],
    ]);
    expect(diagnosis.remedies.map(({ code, who, verified }) => [code, who, verified])).toEqual([
      ["exempt-inference-profiles", "organization-administrator", false],
      ["carve-out-and-re-deny", "organization-administrator", false],
      ["approve-regions", "organization-administrator", false],
    ]);
    expect(diagnosis.evidence.map(({ source, finding }) => [source, finding.code])).toEqual([
      ["message", "refusal-names-resource"],
      ["profile", "profile-from-api"],
    ]);
  });

  it("survives JSON unchanged", async () => {
    blockWest();
    const diagnosis = await diagnosisOf(clientWith().send(converse()));
    expect(JSON.parse(JSON.stringify(diagnosis))).toStrictEqual(diagnosis);
  });

  it("identifies the streaming action for a stream", async () => {
    blockWest();
    const stream = new ConverseStreamCommand({ modelId: US, messages: [] });
    const diagnosis = await diagnosisOf(clientWith().send(stream));
    expect(diagnosis).toMatchObject({ operation: "ConverseStream", action: "bedrock:InvokeModelWithResponseStream" });
    expect(new Set(diagnosis.legs.map(({ leg }) => leg.action))).toEqual(
      new Set(["bedrock:InvokeModelWithResponseStream"]),
    );
  });

  it("includes least-privilege statements if no identity-based policy allows the call", async () => {
    bedrock.deny({ region: "us-east-2", policyType: "identity-based-policy" });
    const { remedies, blockedRegions } = await diagnosisOf(clientWith().send(converse()));
    const profileArn = `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`;
    const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/${SONNET}`;
    expect(blockedRegions).toEqual(["us-east-2"]);
    expect(remedies[0]).toMatchObject({
      code: "allow-in-policy",
      who: "account-administrator",
      policy: {
        policyType: "identity-based-policy",
        statements: [
          { Sid: "InvokeInferenceProfile", Effect: "Allow", Action: "bedrock:InvokeModel", Resource: profileArn },
          {
            Sid: "InvokeModelThroughProfile",
            Effect: "Allow",
            Action: "bedrock:InvokeModel",
            Resource: [model("us-east-1"), model("us-east-2"), model("us-west-2")],
            Condition: { StringEquals: { "bedrock:InferenceProfileArn": profileArn } },
          },
        ],
      },
    });
  });

  it("distinguishes global routing, and lists the geographic profile that doesn't need it", async () => {
    bedrock.deny({ region: "unspecified", policyType: "service-control-policy" });
    const diagnosis = await diagnosisOf(clientWith().send(converse(`global.${SONNET}`)));
    expect(diagnosis.blockedRegions).toEqual(["unspecified"]);
    expect(diagnosis.legs.find(({ verdict }) => verdict === "blocked")?.leg).toMatchObject({
      stage: "global-model",
      resource: `arn:aws:bedrock:::foundation-model/${SONNET}`,
    });
    expect(diagnosis.alternatives.map(({ profileId }) => profileId)).toContain(US);
    expect(diagnosis.remedies[0]?.code).toBe("use-geographic-profile");
  });

  it("resolves an application inference profile, whose ID doesn't show its routing", async () => {
    bedrock.deny({ region: "us-west-2", policyType: "identity-based-policy" });
    const arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6";
    const diagnosis = await diagnosisOf(clientWith().send(converse(arn)));
    expect(diagnosis.profile).toMatchObject({ id: "a1b2c3d4e5f6", type: "APPLICATION", arn });
    expect(diagnosis.legs.map(({ leg }) => leg.inferenceProfileArn)).toEqual([undefined, arn, arn]);
  });

  it.each(Object.keys(SIMULATED_SENTENCES) as KindRefusal["kind"][])(
    "is reported as %s, with a remedy, and without a blocked Region",
    async (kind) => {
      bedrock.deny({ kind });
      const diagnosis = await diagnosisOf(clientWith().send(converse()));
      expect(diagnosis).toMatchObject({ kind, blockedRegions: [] });
      expect(diagnosis.remedies.length).toBeGreaterThan(0);
      expect(diagnosis.legs.every(({ verdict }) => verdict === "unknown")).toBe(true);
    },
  );

  it("lists the profiles for a bare model that needs one, and those that aren't offered in the source Region", async () => {
    const bare = await diagnosisOf(clientWith().send(converse(SONNET)));
    expect(bare.kind).toBe("on-demand-unsupported");
    expect(bare.alternatives.map(({ profileId }) => profileId)).toEqual([US, `global.${SONNET}`]);
    const elsewhere = await diagnosisOf(clientWith().send(converse(`eu.${SONNET}`)));
    expect(elsewhere).toMatchObject({ kind: "invalid-model-id", confidence: "likely" });
    expect(elsewhere.summary).toContain("eu-central-1");
  });
});

describe("a diagnosis that can't look anything up", () => {
  const catalogFinding = (diagnosis: Diagnosis) =>
    diagnosis.evidence.map(({ finding }) => finding).find(({ code }) => code === "profile-from-bundled-catalog");

  it.each([
    [
      "denied",
      () => bedrock.deny({ action: "bedrock:GetInferenceProfile", policyType: "identity-based-policy" }),
      "denied",
    ],
    ["broken", () => bedrock.fault({ operation: "GetInferenceProfile", body: "<html>" }), "malformed"],
    ["empty", () => bedrock.fault({ operation: "GetInferenceProfile", body: "{}" }), "malformed"],
    [
      "failing",
      () => bedrock.fault({ operation: "GetInferenceProfile", status: 500, errorName: "InternalServerException" }),
      "other",
    ],
  ])("uses the bundled catalog, with its date, if the control plane is %s", async (_, break_, reason) => {
    blockWest();
    break_();
    const diagnosis = await diagnosisOf(clientWith().send(converse()));
    expect(catalogFinding(diagnosis)).toMatchObject({ asOf: "2026-10-07", failure: { reason } });
    expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
    expect(diagnosis.legs).toHaveLength(4);
  });

  it("uses the bundled catalog if the control plane can't be reached", async () => {
    blockWest();
    const send = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
    const diagnosis = await diagnosisOf(clientWith({ resolve: { client: { send } } }).send(converse()));
    expect(catalogFinding(diagnosis)).toMatchObject({ failure: { reason: "unreachable" } });
  });

  it("ends at its deadline if the control plane hangs, and still uses the catalog", async () => {
    blockWest();
    bedrock.fault({ operation: "GetInferenceProfile", hang: true });
    const diagnosis = await diagnosisOf(clientWith({ diagnosis: { timeoutMs: 300 } }).send(converse()));
    expect(diagnosis).toMatchObject({ complete: false, blockedRegions: ["us-west-2"] });
    expect(catalogFinding(diagnosis)).toMatchObject({ failure: { reason: "timeout" } });
  });

  it("makes no lookups with a deadline of 0", async () => {
    blockWest();
    const diagnosis = await diagnosisOf(clientWith({ diagnosis: { timeoutMs: 0 } }).send(converse()));
    expect(diagnosis).toMatchObject({ complete: false, legsComplete: false, blockedRegions: ["us-west-2"] });
    expect(asked("GetInferenceProfile")).toHaveLength(0);
  });

  it("ends immediately with the caller's abort signal, and the original error is thrown", async () => {
    blockWest();
    bedrock.fault({ operation: "GetInferenceProfile", hang: true });
    const controller = new AbortController();
    const client = clientWith({ diagnosis: { timeoutMs: 60_000 } });
    const call = thrownBy(client.send(converse(), { abortSignal: controller.signal }));
    await vi.waitFor(() => expect(asked("GetInferenceProfile")).toHaveLength(1));
    controller.abort();
    const error = await call;
    expect(error.name).toBe("AccessDeniedException");
    expect(isDiagnosedError(error) && error.diagnosis).toMatchObject({
      complete: false,
      blockedRegions: ["us-west-2"],
    });
  });

  it.each<[string, ResilienceOptions]>([
    [
      "a control-plane client that throws",
      {
        resolve: {
          client: {
            send: () => {
              throw new Error("inside");
            },
          },
        },
      },
    ],
    ["a control-plane client that answers nothing", { resolve: { client: { send: async () => undefined } } }],
    [
      "a control-plane client that never answers",
      { resolve: { client: { send: () => new Promise(() => {}) } }, diagnosis: { timeoutMs: 200 } },
    ],
    [
      "an onDiagnosis that throws",
      {
        onDiagnosis: () => {
          throw new Error("inside");
        },
      },
    ],
    ["an onDiagnosis that rejects", { onDiagnosis: () => Promise.reject(new Error("inside")) }],
    [
      "a logger that throws",
      {
        logger: {
          debug() {},
          info() {},
          error() {},
          warn() {
            throw new Error("inside");
          },
        },
      },
    ],
  ])("doesn't affect the original error: %s", async (_, resilience) => {
    blockWest();
    const error = await thrownBy(clientWith(resilience).send(converse()));
    expect(error.name).toBe("AccessDeniedException");
    expect(isDiagnosedError(error) && error.diagnosis.blockedRegions).toEqual(["us-west-2"]);
  });

  it("leaves the error unchanged if diagnosis is turned off", async () => {
    blockWest();
    const error = await thrownBy(clientWith({ diagnosis: { enabled: false } }).send(converse()));
    expect(isDiagnosedError(error)).toBe(false);
    expect(error.message).toMatch(/^User: arn/);
  });
});

describe("the cost of a diagnosis", () => {
  it("is zero control-plane requests for a call that succeeds", async () => {
    await clientWith().send(converse());
    expect(bedrock.requests.map(({ operation }) => operation)).toEqual(["Converse"]);
  });

  it("is one profile lookup for many concurrent denied calls, and none for later ones", async () => {
    blockWest();
    // How busy the machine is has no part in this.
    const client = clientWith({ diagnosis: { timeoutMs: 60_000 } });
    const errors = await Promise.all(Array.from({ length: 100 }, () => thrownBy(client.send(converse()))));
    expect(errors.every(isDiagnosedError)).toBe(true);
    expect(asked("GetInferenceProfile")).toHaveLength(1);
    const [first, later] = [errors[0], await diagnosisOf(client.send(converse()))];
    expect(isDiagnosedError(first) && first.diagnosis.evidence).toBe(later.evidence);
    expect(asked("GetInferenceProfile")).toHaveLength(1);
  });

  it("includes a diagnosis for each of them, whose content can't be changed for the others", async () => {
    blockWest();
    const client = clientWith({ onDiagnosis: (diagnosis) => Object.assign(diagnosis, { ticket: "T-1" }) });
    const [first, second] = [await diagnosisOf(client.send(converse())), await diagnosisOf(client.send(converse()))];
    expect(first).not.toBe(second);
    expect(first).toMatchObject({ ticket: "T-1" });
    expect(() => first.legs.pop()).toThrow(TypeError);
    expect(second.legs).toHaveLength(4);
  });

  it("includes a new diagnosis for calls that are denied with another message, and for other calls", async () => {
    const lift = blockWest();
    const client = clientWith();
    const west = await diagnosisOf(client.send(converse()));
    lift();
    bedrock.deny({ region: "us-east-2", policyType: "service-control-policy" });
    const east = await diagnosisOf(client.send(converse()));
    const stream = await diagnosisOf(client.send(new ConverseStreamCommand({ modelId: US, messages: [] })));
    expect([west.blockedRegions, east.blockedRegions]).toEqual([["us-west-2"], ["us-east-2"]]);
    expect([east.operation, stream.operation]).toEqual(["Converse", "ConverseStream"]);
    expect(routes(east).finding).toMatchObject({ code: "profile-from-api", cached: true });
  });

  it("ends for a caller that stops waiting, and ends for all with destroy", async () => {
    blockWest();
    bedrock.fault({ operation: "GetInferenceProfile", hang: true });
    const client = clientWith({ diagnosis: { timeoutMs: 60_000 } });
    const controller = new AbortController();
    const refusals = vi.fn();
    subscribe("resilient-bedrock:refusal", refusals);
    onTestFinished(() => void unsubscribe("resilient-bedrock:refusal", refusals));
    const patient = diagnosisOf(client.send(converse()));
    const hasty = diagnosisOf(client.send(converse(), { abortSignal: controller.signal }));
    // Both answers have arrived. A request that was recorded may still be on its way back.
    await vi.waitFor(() => expect(refusals).toHaveBeenCalledTimes(2), 10_000);
    // The lookup has reached the server, so that it isn't counted in the next test.
    await vi.waitFor(() => expect(asked("GetInferenceProfile")).toHaveLength(1), 10_000);
    controller.abort();
    expect(await hasty).toMatchObject({ complete: false, blockedRegions: ["us-west-2"] });
    client.destroy();
    expect(await patient).toMatchObject({ blockedRegions: ["us-west-2"] });
  });

  it("doesn't include another request for each denied call if the control plane is denied", async () => {
    blockWest();
    bedrock.deny({ action: "bedrock:GetInferenceProfile", policyType: "identity-based-policy" });
    const client = clientWith();
    for (let call = 0; call < 5; call++) await thrownBy(client.send(converse()));
    expect(asked("GetInferenceProfile")).toHaveLength(1);
  });

  it("includes retries of transient failures within the deadline, by one layer", async () => {
    blockWest();
    bedrock.fault({ operation: "GetInferenceProfile", status: 429, errorName: "ThrottlingException", times: 1 });
    const diagnosis = await diagnosisOf(clientWith().send(converse()));
    expect(diagnosis.evidence[1]?.finding.code).toBe("profile-from-api");
    expect(asked("GetInferenceProfile")).toHaveLength(2);
  });

  it("leaves the application's own control-plane client open, with its own retry settings", async () => {
    blockWest();
    const destroy = vi.fn();
    const send = vi.fn(() => Promise.reject(Object.assign(new Error(), { name: "ThrottlingException" })));
    const client = clientWith({ resolve: { client: Object.assign({ send }, { destroy }) } });
    await thrownBy(client.send(converse()));
    client.destroy();
    expect(send).toHaveBeenCalledTimes(1);
    expect(destroy).not.toHaveBeenCalled();
  });
});

describe("the application's callbacks", () => {
  it("onDiagnosis gets the diagnosis and the error, once per denied call, before the error is thrown", async () => {
    blockWest();
    const told: unknown[] = [];
    const client = clientWith({ onDiagnosis: (diagnosis, error) => told.push([diagnosis, error]) });
    const error = await thrownBy(client.send(converse()));
    expect(told).toEqual([[isDiagnosedError(error) && error.diagnosis, error]]);
  });

  it("the logger gets one line, without the session's name", async () => {
    blockWest();
    const lines: unknown[][] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (...line: unknown[]) => void lines.push(line) };
    await thrownBy(clientWith({ logger }).send(converse()));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject([
      {
        err: { type: "AccessDeniedException" },
        diagnosis: { kind: "iam-denied", confidence: "certain", complete: true },
        blockedRegions: ["us-west-2"],
        action: "bedrock:InvokeModel",
        policyArn: SCP,
        principal: "arn:aws:sts::111122223333:assumed-role/AppRole/[session]",
        requestId: expect.any(String),
      },
      "bedrock call denied",
    ]);
    expect(JSON.stringify(lines)).not.toContain("AppRole/session");
    expect(JSON.stringify(lines)).not.toContain("Hello");
  });
});
