import { ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it, onTestFinished } from "vitest";
import { BedrockRuntimeClient, diagnose, type Preflight, type PreflightQuestion } from "../../src/index.js";
import { formatDiagnosis, policySet } from "../../src/offline.js";
import { SimulatedBedrock, type SimulatedBedrockOptions } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";
import { FULL, policy } from "../policies.js";

const NOVA = "us.amazon.nova-pro-v1:0";
const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const ACCOUNT = "111122223333";
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session`;

const DENY_WEST = policy("DenyWest", {
  Sid: "DenyWest",
  Effect: "Deny",
  Action: "bedrock:*",
  Resource: "*",
  Condition: { StringEquals: { "aws:RequestedRegion": ["us-west-2"] } },
});
const serviceControl = [{ level: "Root", policies: [FULL, DENY_WEST] }];

const simulated = (options: SimulatedBedrockOptions = {}) =>
  new SimulatedBedrock({ principals: [{ arn: SESSION }], ...options });
const ask = (bedrock: SimulatedBedrock, question: Partial<PreflightQuestion> = {}) =>
  diagnose({ modelId: NOVA, client: clientOf(bedrock), ...question } as PreflightQuestion);
const verdicts = ({ legs }: Preflight) => legs.map(({ leg, verdict }) => `${leg.region} ${verdict}`);
const operations = (bedrock: SimulatedBedrock) =>
  [...new Set(bedrock.requests.map(({ operation }) => operation))].sort();

describe("diagnose, without a call", () => {
  it("returns that the call would be denied, where, by which statement, and what to do", async () => {
    const bedrock = simulated();
    const preflight = await ask(bedrock, { policies: policySet({ identity: [FULL], serviceControl }) });
    expect(preflight).toMatchObject({
      verdict: "blocked",
      blockedRegions: ["us-west-2"],
      action: "bedrock:InvokeModel",
      sourceRegion: "us-east-1",
      principal: { arn: SESSION },
      policy: { type: "service-control-policy", name: "DenyWest", statement: { sid: "DenyWest" } },
      complete: true,
    });
    expect(preflight.summary).toContain("us-west-2");
    expect(preflight.remedies[0]).toMatchObject({ verified: true, who: "organization-administrator" });
    expect("refusal" in preflight || "kind" in preflight).toBe(false);
    expect(preflight.evidence.map(({ source }) => source)).not.toContain("message");
    expect(JSON.parse(JSON.stringify(preflight))).toEqual(preflight);
    const text = formatDiagnosis(preflight, "text");
    expect(text).toContain("Amazon Bedrock would deny this call");
    expect(text).not.toContain("AWS's own message");
    // Nothing was invoked.
    expect(operations(bedrock)).toEqual([
      "GetAccountDataRetention",
      "GetCallerIdentity",
      "GetFoundationModelAvailability",
      "GetInferenceProfile",
    ]);
  });

  it("returns allowed only if every leg is known", async () => {
    const bedrock = simulated();
    const nothingEnforced = { policies: policySet({ identity: [FULL] }), enforcedGuardrails: [] };
    const allowed = await ask(bedrock, { ...nothingEnforced, operation: "ConverseStream" });
    expect(allowed).toMatchObject({
      verdict: "allowed",
      remedies: [],
      action: "bedrock:InvokeModelWithResponseStream",
    });
    expect(allowed.summary).toBe(
      `bedrock:InvokeModelWithResponseStream on ${NOVA} from us-east-1 is allowed, in us-east-1, us-east-2 and us-west-2.`,
    );
    expect(formatDiagnosis(allowed)).toContain("This call would be allowed");

    const unknown = await ask(bedrock, {});
    expect(unknown).toMatchObject({ verdict: "unknown", remedies: [], blockedRegions: [] });
    expect(unknown.summary).toContain("4 of 4 legs are unknown");
    expect(unknown.legs.every(({ because }) => because === "No source could determine this.")).toBe(true);

    bedrock.fault({ operation: "GetInferenceProfile", status: 403, errorName: "AccessDeniedException" });
    const unlisted = { id: "us.acme.rocket-v1:0", modelId: "acme.rocket-v1:0" };
    const hidden = await ask(bedrock, { modelId: unlisted.id, policies: policySet({ identity: [FULL] }) });
    expect(hidden).toMatchObject({ verdict: "unknown", legsComplete: false });
    expect(hidden.summary).toContain("the profile's destination Regions are unknown");
  });

  it("uses the provided sources", async () => {
    const bedrock = simulated({
      organization: { root: { name: "Root", policies: [FULL, DENY_WEST], accounts: [{ id: ACCOUNT }] } },
    });
    const preflight = await ask(bedrock, {
      simulation: { requestsPerSecond: 50 },
      policies: policySet({ unknownContext: "absent" }),
    });
    expect(verdicts(preflight)).toEqual([
      "us-east-1 allowed",
      "us-east-1 allowed",
      "us-east-2 allowed",
      "us-west-2 blocked",
    ]);
    const likely = await ask(bedrock, { simulation: { requestsPerSecond: 50 } });
    expect(likely).toMatchObject({ verdict: "unknown" });
    expect(likely.summary).toContain("Likely denied in us-west-2.");
  });

  it("reports other problems of the call", async () => {
    const bedrock = simulated({ useCaseFilled: false });
    const stated = { policies: policySet({ identity: [FULL] }), enforcedGuardrails: [] };
    const bare = await ask(bedrock, { modelId: SONNET, ...stated });
    expect(bare.verdict).toBe("allowed");
    expect(bare.summary).toContain("can be called here only through an inference profile: us.anthropic");
    expect(bare.summary).toContain("hasn't submitted the use case form");
  });

  it("shows no legs of a profile that doesn't exist in the Region", async () => {
    const bedrock = simulated();
    const modelId = "us.acme.rocket-v1:0";
    const preflight = await ask(bedrock, { modelId, policies: policySet({ identity: [FULL] }) });
    expect(preflight).toMatchObject({ verdict: "unknown", legs: [], blockedRegions: [] });
    expect(preflight.summary).toContain("can't succeed, because the inference profile doesn't exist in this Region.");
    expect(preflight.summary).not.toMatch(/All known legs|is allowed/);
  });

  it("ends at its deadline, or with the signal, and reports that", async () => {
    const bedrock = simulated();
    bedrock.fault({ operation: "GetInferenceProfile", hang: true });
    bedrock.fault({ operation: "GetFoundationModelAvailability", hang: true });
    const late = await ask(bedrock, { timeoutMs: 200 });
    expect(late).toMatchObject({ complete: false, verdict: "unknown" });
    const aborted = await ask(bedrock, { abortSignal: AbortSignal.abort() });
    expect(aborted).toMatchObject({ complete: false, verdict: "unknown" });
  });

  it("creates its own client for a Region, and leaves nothing open", async () => {
    const bedrock = simulated();
    const server = await bedrock.listen();
    onTestFinished(() => server.close());
    process.env.AWS_ENDPOINT_URL = server.url;
    process.env.AWS_ACCESS_KEY_ID = "AKIDEXAMPLE";
    process.env.AWS_SECRET_ACCESS_KEY = "example";
    onTestFinished(() => {
      for (const name of ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
    });
    const stated = { policies: policySet({ identity: [FULL] }), enforcedGuardrails: [] };
    const preflight = await diagnose({ modelId: NOVA, region: "us-east-1", ...stated });
    expect(preflight.verdict).toBe("allowed");
  });

  it.each<[object, string]>([
    [{ modelId: "" }, "modelId must be"],
    [{ modelId: undefined }, "modelId must be"],
    [{ operation: "Chat" }, 'operation must be an operation of the runtime, such as "Converse"; it is "Chat"'],
    [{ client: undefined }, 'diagnose needs { client } or { region: "us-east-1" }'],
    [{ polices: {} }, "Unknown option diagnose.polices. Valid options: modelId, "],
    [{ enforcedGuardrails: "none" }, "diagnose.enforcedGuardrails must be a list of ARNs"],
    [
      { enforcedGuardrails: ["gr1"] },
      'diagnose.enforcedGuardrails[0] must be the ARN of a guardrail, such as "arn:aws',
    ],
    [{ guardrailProfiles: [] }, "diagnose.guardrailProfiles must be an object"],
    [
      { guardrailProfiles: { "a/b": [] } },
      'Each key of diagnose.guardrailProfiles must be the ID or ARN of a guardrail; it is "a/b"',
    ],
    [
      { guardrailProfiles: { gr1: ["us"] } },
      'diagnose.guardrailProfiles["gr1"][0] must be the ARN of a guardrail profile',
    ],
    [{ guardrail: "gr 1" }, "diagnose.guardrail must be an object"],
    [{ guardrail: {} }, "guardrail.identifier must be the ID or ARN of a guardrail; it is undefined"],
    [{ guardrail: { identifier: "gr 1" } }, "guardrail.identifier must be the ID or ARN of a guardrail"],
    [{ guardrail: { identifier: "gr1", version: "x" } }, 'guardrail.version must be a version, such as "1" or "DRAFT"'],
    [{ serviceTier: "" }, "serviceTier must be a service tier"],
    [{ timeoutMs: -1 }, "timeoutMs must be"],
    [{ simulation: { requestsPerSecond: 0 } }, "diagnose.simulation.requestsPerSecond must be"],
    [{ simulation: { client: {} } }, "diagnose.simulation.client must be an IAMClient"],
    [{ probe: { mayStartSubscription: 1 } }, "diagnose.probe.mayStartSubscription must be true or false"],
  ])("%j is rejected with the field's name", async (wrong, message) => {
    await expect(ask(simulated(), wrong)).rejects.toThrow(message);
  });
});

describe("client.diagnose", () => {
  it("checks a command with the client's own settings, and sends nothing", async () => {
    const bedrock = simulated();
    const client = clientOf(bedrock, { diagnosis: { policies: policySet({ identity: [FULL], serviceControl }) } });
    const preflight = await client.diagnose(new ConverseStreamCommand({ modelId: NOVA, messages: [] }));
    expect(preflight).toMatchObject({ verdict: "blocked", operation: "ConverseStream", blockedRegions: ["us-west-2"] });
    expect(operations(bedrock)).not.toContain("ConverseStream");
    await expect(
      client.send(new ConverseCommand({ modelId: NOVA, messages: [{ role: "user", content: [] }] })),
    ).resolves.toBeDefined();
  });

  it("throws for a command without a model, if it needs one", async () => {
    const client = new BedrockRuntimeClient({ region: "us-east-1" });
    const command = new ConverseCommand({ modelId: "", messages: [] });
    await expect(client.diagnose(command)).rejects.toThrow("modelId must be");
  });

  it("throws for an option that it doesn't have", async () => {
    const client = new BedrockRuntimeClient({ region: "us-east-1" });
    const command = new ConverseCommand({ modelId: NOVA, messages: [] });
    await expect(client.diagnose(command, { timeout: 1 } as never)).rejects.toThrow(
      "Unknown option diagnose.timeout. Valid options: timeoutMs, abortSignal.",
    );
  });
});
