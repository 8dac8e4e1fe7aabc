import { ConverseCommand, CountTokensCommand } from "@aws-sdk/client-bedrock-runtime";
import { expect, it } from "vitest";
import { policy } from "../policies.js";
import { evaluated, loopbackClients } from "./loopback-clients.js";

const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA = "amazon.nova-pro-v1:0";
const messages = [{ role: "user" as const, content: [{ text: "How many words are these?" }] }];

it("CountTokens counts what a call with the same input counts, also for a model that needs a profile", async () => {
  const { bedrock, runtime } = await loopbackClients();
  const count = (modelId: string) =>
    runtime.send(new CountTokensCommand({ modelId, input: { converse: { messages } } }));
  const { usage } = await runtime.send(new ConverseCommand({ modelId: NOVA, messages }));
  expect((await count(NOVA)).inputTokens).toBe(usage?.inputTokens);
  expect((await count(SONNET)).inputTokens).toBe(usage?.inputTokens);
  expect(evaluated(bedrock)).toEqual([`bedrock:CountTokens arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`]);
});

it("CountTokens reads the body of an InvokeModel request", async () => {
  const { runtime } = await loopbackClients();
  const body = Buffer.from(JSON.stringify({ messages }));
  const input = { invokeModel: { body } };
  const { inputTokens } = await runtime.send(new CountTokensCommand({ modelId: NOVA, input }));
  expect(inputTokens).toBe(JSON.stringify({ messages }).split(/\s+/).length);
  const broken = { invokeModel: { body: Buffer.from("no JSON") } };
  await expect(runtime.send(new CountTokensCommand({ modelId: NOVA, input: broken }))).rejects.toMatchObject({
    name: "ValidationException",
  });
});

it.each([
  [`us.${SONNET}`, "The provided model doesn't support counting tokens."],
  [
    `arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.${SONNET}`,
    "The provided model doesn't support counting tokens.",
  ],
  ["nobody.knows", "The provided model identifier is invalid."],
])("CountTokens of %s is a ValidationException", async (modelId, message) => {
  const { runtime } = await loopbackClients({ hints: false });
  const sent = runtime.send(new CountTokensCommand({ modelId, input: { converse: { messages } } }));
  await expect(sent).rejects.toMatchObject({ name: "ValidationException", message });
});

it("CountTokens needs its own action", async () => {
  const invoke = policy("Invoke", { Effect: "Allow", Action: "bedrock:InvokeModel*", Resource: "*" });
  const arn = "arn:aws:iam::111122223333:user/dana";
  const { runtime } = await loopbackClients({ principals: [{ arn, identity: [invoke] }] });
  const sent = runtime.send(new CountTokensCommand({ modelId: NOVA, input: { converse: { messages } } }));
  await expect(sent).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: `User: ${arn} is not authorized to perform: bedrock:CountTokens on resource: arn:aws:bedrock:us-east-1::foundation-model/${NOVA} because no identity-based policy allows the bedrock:CountTokens action`,
  });
});
