import { GetAccountDataRetentionCommand, PutAccountDataRetentionCommand } from "@aws-sdk/client-bedrock";
import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { expect, it } from "vitest";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { FULL, policy } from "../policies.js";
import { evaluated, loopbackClients } from "./loopback-clients.js";

const ARN = "arn:aws:iam::111122223333:user/dana";
const MODEL = {
  id: "acme.model-1",
  onDemandRegions: ["us-east-1"],
  dataRetentionModes: ["provider_data_share" as const],
};
const PROFILE = { id: "us.acme.model-1", modelId: MODEL.id, routes: { "us-east-1": ["us-east-1", "us-west-2"] } };
const messages = [{ role: "user" as const, content: [{ text: "Hello" }] }];

it("the mode is per account and Region", async () => {
  const other = { arn: "arn:aws:iam::444455556666:user/eve", accessKeyId: "EVE" };
  const { bedrock, control, controlIn } = await loopbackClients({ principals: [{ arn: ARN }, other] });
  const get = async (client = control) => (await client.send(new GetAccountDataRetentionCommand({}))).mode;
  expect(await get()).toBe("default");
  expect(evaluated(bedrock)).toEqual(["bedrock:GetAccountDataRetention *"]);
  const put = await control.send(new PutAccountDataRetentionCommand({ mode: "none" }));
  expect(put.mode).toBe("none");
  expect(put.updatedAt).toBeInstanceOf(Date);
  expect(await get()).toBe("none");
  expect(await get(controlIn("us-west-2"))).toBe("default");
  expect(await get(controlIn("us-east-1", "EVE"))).toBe("default");
});

it.each([MODEL.id, PROFILE.id])(
  "a model that isn't available with the mode can't be invoked as %s",
  async (modelId) => {
    const { control, runtime } = await loopbackClients({ models: [MODEL], profiles: [PROFILE] });
    const call = () => runtime.send(new ConverseCommand({ modelId, messages }));
    await expect(call()).rejects.toMatchObject({
      name: "ValidationException",
      message: "data retention mode 'default' is not available for this model",
    });
    await control.send(new PutAccountDataRetentionCommand({ mode: "provider_data_share" }));
    expect((await call()).stopReason).toBe("end_turn");
  },
);

it("the mode of a new account is an option", async () => {
  const { control } = await loopbackClients({ dataRetention: "aws_review" });
  expect((await control.send(new GetAccountDataRetentionCommand({}))).mode).toBe("aws_review");
  expect(() => new SimulatedBedrock({ dataRetention: "forever" as never })).toThrow(
    'dataRetention must be one of default, none, aws_review, provider_data_share, inherit; it is "forever".',
  );
});

it("an unknown mode is a ValidationException", async () => {
  const { control } = await loopbackClients();
  await expect(control.send(new PutAccountDataRetentionCommand({ mode: "forever" as never }))).rejects.toMatchObject({
    name: "ValidationException",
  });
});

it("changing the mode needs its own action, with the mode as a condition key", async () => {
  const Condition = { StringNotEquals: { "bedrock:DataRetentionMode": "none" } };
  const deny = policy("Only", { Effect: "Deny", Action: "bedrock:PutAccountDataRetention", Resource: "*", Condition });
  const { control } = await loopbackClients({ principals: [{ arn: ARN, identity: [FULL, deny] }] });
  expect((await control.send(new PutAccountDataRetentionCommand({ mode: "none" }))).mode).toBe("none");
  await expect(control.send(new PutAccountDataRetentionCommand({ mode: "default" }))).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: `User: ${ARN} is not authorized to perform: bedrock:PutAccountDataRetention on resource: * with an explicit deny in an identity-based policy`,
  });
});
