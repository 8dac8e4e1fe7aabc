import { ListEnforcedGuardrailsConfigurationCommand } from "@aws-sdk/client-bedrock";
import {
  ApplyGuardrailCommand,
  type BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  InvokeGuardrailChecksCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { parseRefusal } from "../../src/refusal/parse.js";
import { SimulatedBedrock, type VirtualGuardrail } from "../../src/testing/simulated-bedrock.js";
import { FULL, policy } from "../policies.js";
import { evaluated, loopbackClients } from "./loopback-clients.js";

const NOVA = "amazon.nova-pro-v1:0";
const ARN = "arn:aws:iam::111122223333:user/dana";
const OWN = "arn:aws:bedrock:us-east-1:111122223333:guardrail/gr1abc";
const OTHERS = "arn:aws:bedrock:us-east-1:999900001111:guardrail/gr9xyz";
const messages = [{ role: "user" as const, content: [{ text: "Hello" }] }];
const content = [{ text: { text: "Hello" } }];

const converse = (runtime: BedrockRuntimeClient, input: Partial<ConverseCommandInput> = {}) =>
  runtime.send(new ConverseCommand({ modelId: NOVA, messages, ...input }));
const apply = (runtime: BedrockRuntimeClient, guardrailIdentifier: string, guardrailVersion = "1") =>
  runtime.send(new ApplyGuardrailCommand({ guardrailIdentifier, guardrailVersion, source: "INPUT", content }));

const allow = (Action: string, Resource = "*") => policy("Allow", { Effect: "Allow", Action, Resource });
const sharedWith = (principal: string, Resource = OTHERS, Effect = "Allow") =>
  policy("Shared", { Effect, Principal: { AWS: principal }, Action: "bedrock:ApplyGuardrail", Resource });

const denied = (resource: string, reason: string) => ({
  name: "AccessDeniedException",
  message: `User: ${ARN} is not authorized to perform: bedrock:ApplyGuardrail on resource: ${resource} ${reason}`,
});
const NO_IDENTITY = "because no identity-based policy allows the bedrock:ApplyGuardrail action";
const NO_RESOURCE = "because no resource-based policy allows the bedrock:ApplyGuardrail action";

describe("ApplyGuardrail", () => {
  it("assesses a text with a guardrail of the account", async () => {
    const { bedrock, runtime } = await loopbackClients();
    const { action, outputs, usage, guardrailCoverage } = await apply(runtime, "gr1abc");
    expect({ action, outputs }).toEqual({ action: "NONE", outputs: [] });
    expect(usage).toMatchObject({ contentPolicyUnits: 1, contextualGroundingPolicyUnits: 0 });
    expect(guardrailCoverage?.textCharacters).toEqual({ guarded: 5, total: 5 });
    expect(evaluated(bedrock)).toEqual([`bedrock:ApplyGuardrail ${OWN}`]);
    expect(bedrock.requests.at(-1)).toMatchObject({ operation: "ApplyGuardrail", modelId: "gr1abc" });
    await apply(runtime, OWN, "DRAFT");
    expect(evaluated(bedrock)).toEqual([`bedrock:ApplyGuardrail ${OWN}`]);
  });

  it("blocks what the guardrail blocks", async () => {
    const guardrail = { id: "gr1abc", blocks: (text: string) => text === "Hello", blockedMessage: "Not that." };
    const { runtime } = await loopbackClients({ guardrails: [guardrail] });
    expect(await apply(runtime, "gr1abc")).toMatchObject({
      action: "GUARDRAIL_INTERVENED",
      outputs: [{ text: "Not that." }],
    });
  });

  it("finds only the guardrails that were added, if at least one was added", async () => {
    const { runtime } = await loopbackClients({ guardrails: [{ id: "gr1abc", versions: ["1", "DRAFT"] }] });
    const missing = {
      name: "ValidationException",
      message: "The guardrail identifier or version provided in the request does not exist.",
    };
    expect((await apply(runtime, "gr1abc")).action).toBe("NONE");
    await expect(apply(runtime, "gr1abc", "2")).rejects.toMatchObject(missing);
    await expect(apply(runtime, "gr2abc")).rejects.toMatchObject(missing);
    await expect(
      converse(runtime, { guardrailConfig: { guardrailIdentifier: "gr2abc", guardrailVersion: "1" } }),
    ).rejects.toMatchObject(missing);
    const elsewhere = "arn:aws:bedrock:us-west-2:111122223333:guardrail/gr1abc";
    await expect(apply(runtime, elsewhere)).rejects.toMatchObject(missing);
  });

  it("needs its own action", async () => {
    const { runtime } = await loopbackClients({ principals: [{ arn: ARN, identity: [allow("bedrock:Invoke*")] }] });
    await expect(apply(runtime, "gr1abc")).rejects.toMatchObject(denied(OWN, NO_IDENTITY));
  });
});

describe("InvokeGuardrailChecks", () => {
  const checks = {
    contentFilter: { categories: [{ category: "HATE" as const }, { category: "INSULTS" as const }] },
    sensitiveInformation: { entities: [{ type: "EMAIL" as const }] },
  };
  const command = new InvokeGuardrailChecksCommand({
    messages: [{ role: "user", content: [{ text: "Hello" }] }],
    checks,
  });

  it("passes every requested check", async () => {
    const { bedrock, runtime } = await loopbackClients();
    const { results, usage } = await runtime.send(command);
    expect(results).toEqual({
      contentFilter: {
        results: [
          { category: "HATE", severityScore: 0 },
          { category: "INSULTS", severityScore: 0 },
        ],
      },
      sensitiveInformation: { results: [], truncated: false },
    });
    expect(usage).toEqual({ contentFilter: { textUnits: 1 }, sensitiveInformation: { textUnits: 1 } });
    expect(evaluated(bedrock)).toEqual(["bedrock:InvokeGuardrailChecks *"]);
  });

  it("needs its own action, and isn't an invocation", async () => {
    const { bedrock, runtime } = await loopbackClients();
    const lift = bedrock.deny({ policyType: "service-control-policy" });
    expect((await runtime.send(command)).results).toBeDefined();
    lift();
    bedrock.deny({ policyType: "service-control-policy", action: "bedrock:InvokeGuardrailChecks" });
    await expect(runtime.send(command)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("a guardrail in a request", () => {
  const guardrailConfig = { guardrailIdentifier: "gr1abc", guardrailVersion: "1" };

  it("is authorized after the model, in Converse and in InvokeModel", async () => {
    const { bedrock, runtime } = await loopbackClients();
    const expected = [
      `bedrock:InvokeModel arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`,
      `bedrock:ApplyGuardrail ${OWN}`,
    ];
    await converse(runtime, { guardrailConfig });
    expect(evaluated(bedrock)).toEqual(expected);
    const body = JSON.stringify({ messages });
    await runtime.send(new InvokeModelCommand({ modelId: NOVA, body, ...guardrailConfig }));
    expect(evaluated(bedrock)).toEqual(expected);
  });

  it.each([
    ["1", `${OWN}:1`, true],
    ["DRAFT", OWN, true],
    ["2", `${OWN}:1`, false],
    ["DRAFT", `${OWN}:1`, false],
  ])("with version %s has the condition key, if a policy tests %s", async (guardrailVersion, wanted, allowed) => {
    const Condition = { StringNotEquals: { "bedrock:GuardrailIdentifier": wanted } };
    const deny = policy("Guarded", { Effect: "Deny", Action: "bedrock:InvokeModel*", Resource: "*", Condition });
    const { runtime } = await loopbackClients({ principals: [{ arn: ARN, identity: [FULL, deny] }] });
    const call = converse(runtime, { guardrailConfig: { guardrailIdentifier: "gr1abc", guardrailVersion } });
    if (allowed) expect((await call).stopReason).toBe("end_turn");
    else await expect(call).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(converse(runtime)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("intervenes in the input and in the output of every invocation", async () => {
    const blocks: VirtualGuardrail["blocks"] = (text, source) => source === "OUTPUT" && text.includes("answer");
    const { bedrock, runtime } = await loopbackClients({
      guardrails: [{ id: "gr1abc", blocks, blockedMessage: "Not that." }],
    });
    expect(await converse(runtime, { guardrailConfig })).toMatchObject({
      stopReason: "guardrail_intervened",
      output: { message: { content: [{ text: "Not that." }] } },
    });
    const { stream } = await runtime.send(new ConverseStreamCommand({ modelId: NOVA, messages, guardrailConfig }));
    const stops: unknown[] = [];
    for await (const event of stream ?? []) if (event.messageStop) stops.push(event.messageStop.stopReason);
    expect(stops).toEqual(["guardrail_intervened"]);
    const input = { modelId: NOVA, body: JSON.stringify({ messages }), ...guardrailConfig };
    const invoke = await runtime.send(new InvokeModelCommand(input));
    expect(JSON.parse(invoke.body.transformToString())).toMatchObject({
      "amazon-bedrock-guardrailAction": "INTERVENED",
    });
    const streamed = await runtime.send(new InvokeModelWithResponseStreamCommand(input));
    const chunks: string[] = [];
    for await (const { chunk } of streamed.body ?? []) chunks.push(Buffer.from(chunk?.bytes ?? []).toString());
    expect(chunks.at(-1)).toContain('"amazon-bedrock-guardrailAction":"INTERVENED"');
    bedrock.addGuardrail({ id: "gr1abc", blocks: (text, source) => source === "INPUT" && text === "Hello" });
    expect(await converse(runtime, { guardrailConfig })).toMatchObject({ stopReason: "guardrail_intervened" });
    bedrock.addGuardrail({ id: "gr1abc" });
    expect(await converse(runtime, { guardrailConfig })).toMatchObject({ stopReason: "end_turn" });
  });

  it("isn't evaluated for a request without content, which ends at the source", async () => {
    const { bedrock, runtime } = await loopbackClients();
    await expect(
      runtime.send(new ConverseCommand({ modelId: NOVA, messages: undefined, guardrailConfig })),
    ).rejects.toMatchObject({
      name: "ValidationException",
    });
    expect(evaluated(bedrock)).toHaveLength(1);
  });
});

describe("an enforced guardrail", () => {
  it("of the account is needed for every invocation in its Region", async () => {
    const principals = [{ arn: ARN, identity: [allow("bedrock:Invoke*")] }];
    const { bedrock, runtime, runtimeIn } = await loopbackClients({ principals });
    expect((await converse(runtime)).stopReason).toBe("end_turn");
    const lift = bedrock.addGuardrail({ id: OWN, enforcedBy: "account" });
    await expect(converse(runtime)).rejects.toMatchObject(denied(OWN, NO_IDENTITY));
    const body = JSON.stringify({ messages });
    await expect(runtime.send(new InvokeModelCommand({ modelId: NOVA, body }))).rejects.toMatchObject(
      denied(OWN, NO_IDENTITY),
    );
    await expect(runtime.send(new ConverseStreamCommand({ modelId: NOVA, messages }))).rejects.toMatchObject(
      denied(OWN, NO_IDENTITY),
    );
    expect((await converse(runtimeIn("eu-west-2"))).stopReason).toBe("end_turn");
    lift();
    expect((await converse(runtime)).stopReason).toBe("end_turn");
  });

  it.each<[string, VirtualGuardrail["resourcePolicy"], string | undefined]>([
    ["no resource-based policy", undefined, NO_RESOURCE],
    ["one that allows the caller's account", sharedWith("arn:aws:iam::111122223333:root"), undefined],
    ["one that allows the caller", sharedWith(ARN), undefined],
    ["one that allows everyone", sharedWith("*"), undefined],
    ["one that allows another account", sharedWith("arn:aws:iam::444455556666:root"), NO_RESOURCE],
    ["one for another guardrail", sharedWith("*", `${OTHERS}2`), NO_RESOURCE],
    ["one that denies", sharedWith("*", OTHERS, "Deny"), "with an explicit deny in a resource-based policy"],
  ])("of the organization, in another account, with %s", async (_, resourcePolicy, reason) => {
    const { bedrock, runtime } = await loopbackClients({
      principals: [{ arn: ARN }],
      guardrails: [{ id: OTHERS, enforcedBy: "organization", ...(resourcePolicy ? { resourcePolicy } : {}) }],
    });
    if (reason === undefined) expect((await converse(runtime)).stopReason).toBe("end_turn");
    else {
      const error = await converse(runtime).catch((thrown) => thrown);
      expect(error).toMatchObject(denied(OTHERS, reason));
      expect(parseRefusal(error)).toMatchObject({ kind: "guardrail-denied", policyType: "resource-based-policy" });
    }
    expect(evaluated(bedrock)?.at(-1)).toBe(`${reason ? "!" : ""}bedrock:ApplyGuardrail ${OTHERS}`);
  });

  it("in another account also needs the caller's own policies, which are evaluated first", async () => {
    const guardrails = [{ id: OTHERS, enforcedBy: "organization" as const, resourcePolicy: sharedWith("*") }];
    const principals = [{ arn: ARN, identity: [allow("bedrock:InvokeModel*")] }];
    const { runtime } = await loopbackClients({ principals, guardrails });
    await expect(converse(runtime)).rejects.toMatchObject(denied(OTHERS, NO_IDENTITY));
  });

  it("with cross-Region inference needs its profile in each destination Region", async () => {
    const profile = (region: string) => `arn:aws:bedrock:${region}:999900001111:guardrail-profile/us.guardrail.v1:0`;
    const regions = ["us-east-1", "us-west-2"];
    const guardrail = {
      id: OTHERS,
      enforcedBy: "organization" as const,
      resourcePolicy: sharedWith("*"),
      profile: { id: "us.guardrail.v1:0", regions, resourcePolicy: sharedWith("*", profile("us-east-1")) },
    };
    const { bedrock, runtime } = await loopbackClients({ principals: [{ arn: ARN }], guardrails: [guardrail] });
    await expect(converse(runtime)).rejects.toMatchObject(denied(profile("us-west-2"), NO_RESOURCE));
    expect(
      bedrock.requests
        .at(-1)
        ?.legs.slice(-2)
        .map(({ leg }) => leg.region),
    ).toEqual(regions);
    bedrock.addGuardrail({
      ...guardrail,
      profile: { ...guardrail.profile, resourcePolicy: sharedWith("*", profile("*")) },
    });
    expect((await converse(runtime)).stopReason).toBe("end_turn");
  });

  it("is listed if the account enforces it", async () => {
    const { control } = await loopbackClients({
      guardrails: [
        { id: "gr1abc", versions: ["1", "2"], enforcedBy: "account" },
        { id: OTHERS, enforcedBy: "organization" },
      ],
    });
    const { guardrailsConfig } = await control.send(new ListEnforcedGuardrailsConfigurationCommand({}));
    expect(guardrailsConfig).toEqual([
      { configId: "gr1abc", guardrailArn: OWN, guardrailId: "gr1abc", guardrailVersion: "2", owner: "ACCOUNT" },
    ]);
  });

  it("doesn't change the evaluation of the other legs in a diagnosis: scripted denials are matched by action", async () => {
    const { bedrock, runtime } = await loopbackClients({ guardrails: [{ id: OWN, enforcedBy: "account" }] });
    bedrock.deny({ policyType: "identity-based-policy", action: "bedrock:ApplyGuardrail" });
    const error = await converse(runtime).catch((thrown) => thrown);
    expect(parseRefusal(error)).toMatchObject({ kind: "guardrail-denied", policyType: "identity-based-policy" });
  });
});

it.each<[unknown, string]>([
  [{ id: "" }, 'id must be the ID or the ARN of a guardrail; it is "".'],
  [{ id: "arn:aws:bedrock:us-east-1::guardrail/x" }, "id must be the ID or the ARN of a guardrail"],
  [{ id: "x", enforced: true }, "Unknown field enforced of a guardrail."],
  [{ id: "x", enforcedBy: "me" }, 'enforcedBy must be account or organization; it is "me".'],
  [{ id: "x", resourcePolicy: FULL }, "AWS would reject the policy Full: missing-element"],
])("rejects the invalid guardrail %j", (guardrail, message) => {
  expect(() => new SimulatedBedrock().addGuardrail(guardrail as VirtualGuardrail)).toThrow(message);
});
