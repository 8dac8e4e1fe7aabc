import {
  ConverseCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithBidirectionalStreamCommand,
  StartAsyncInvokeCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { callFactsOf } from "../../src/call/call-facts.js";

const s3 = (uri: string) => ({ s3Location: { uri } });

describe("the facts of a command", () => {
  it.each<[string, object, object]>([
    [
      "a plain call",
      new ConverseCommand({ modelId: "m", messages: [{ role: "user", content: [{ text: "Hi" }] }] }),
      {},
    ],
    [
      "the guardrail and service tier of Converse",
      new ConverseCommand({
        modelId: "m",
        guardrailConfig: { guardrailIdentifier: "gr1", guardrailVersion: "DRAFT" },
        serviceTier: { type: "flex" },
      }),
      { guardrail: { identifier: "gr1", version: "DRAFT" }, serviceTier: "flex" },
    ],
    [
      "those of InvokeModel",
      new InvokeModelCommand({
        modelId: "m",
        guardrailIdentifier: "gr1",
        guardrailVersion: "1",
        serviceTier: "priority",
      }),
      { guardrail: { identifier: "gr1", version: "1" }, serviceTier: "priority" },
    ],
    [
      "system tools, once each",
      new ConverseCommand({
        modelId: "m",
        toolConfig: {
          tools: [{ systemTool: { name: "a" } }, { systemTool: { name: "a" } }, { toolSpec: {} as never }],
        },
      }),
      { systemTools: ["a"] },
    ],
    [
      "objects in Amazon S3 of every kind of content",
      new ConverseCommand({
        modelId: "m",
        messages: [
          {
            role: "user",
            content: [
              { image: { format: "png", source: s3("s3://b/1") } },
              { video: { format: "mp4", source: s3("s3://b/2") } },
              { document: { name: "d", source: s3("s3://b/3") } },
              { audio: { format: "mp3", source: s3("s3://b/4") } },
              {
                toolResult: {
                  toolUseId: "t",
                  content: [{ document: { name: "d", source: s3("s3://b/5") } }, { json: s3("s3://b/text") }],
                },
              },
            ],
          },
        ],
      }),
      { s3Objects: ["1", "2", "3", "4", "5"].map((key) => ({ uri: `s3://b/${key}` })) },
    ],
    [
      "objects in Amazon S3 of CountTokens",
      new CountTokensCommand({
        modelId: "m",
        input: {
          converse: { messages: [{ role: "user", content: [{ image: { format: "png", source: s3("s3://b/1") } }] }] },
        },
      }),
      { s3Objects: [{ uri: "s3://b/1" }] },
    ],
    [
      "the input, the output, and the tags of an asynchronous invocation",
      new StartAsyncInvokeCommand({
        modelId: "m",
        modelInput: { media: [{ mediaSource: { s3Location: { uri: "s3://b/1", bucketOwner: "111122223333" } } }] },
        outputDataConfig: { s3OutputDataConfig: { s3Uri: "s3://b/out", kmsKeyId: "key" } },
        tags: [{ key: "team", value: "a" }],
      }),
      {
        s3Objects: [{ uri: "s3://b/1", bucketOwner: "111122223333" }],
        output: { uri: "s3://b/out", kmsKeyId: "key" },
        tags: [{ key: "team", value: "a" }],
      },
    ],
    [
      "a body that can't be searched",
      new InvokeModelCommand({ modelId: "m", body: new Blob([]) as never }),
      { unread: ["body"] },
    ],
    [
      "a body in another view",
      new InvokeModelCommand({ modelId: "m", body: new DataView(new ArrayBuffer(2)) as never }),
      {},
    ],
    [
      "a body with escaped letters",
      new InvokeModelCommand({ modelId: "m", body: '{"\\u00733Location":1}' }),
      { unread: ["body"] },
    ],
    [
      "a stream in both directions",
      new InvokeModelWithBidirectionalStreamCommand({ modelId: "m", body: (async function* () {})() }),
      { unread: ["body"] },
    ],
    [
      "a body with a partly escaped URI",
      new InvokeModelCommand({ modelId: "m", body: '"s3:/\\/b/1"' }),
      { unread: ["body"] },
    ],
    [
      "the body of CountTokens",
      new CountTokensCommand({ modelId: "m", input: { invokeModel: { body: Buffer.from('"s3://b/1"') } } }),
      { unread: ["body"] },
    ],
    [
      "additional fields that refer to Amazon S3",
      new ConverseCommand({ modelId: "m", additionalModelRequestFields: { media: s3("s3://b/1") } }),
      { unread: ["body"] },
    ],
    [
      "additional fields with a system tool",
      new ConverseCommand({ modelId: "m", additionalModelRequestFields: { tools: [{ systemTool: { name: "a" } }] } }),
      { unread: ["body"] },
    ],
    ["additional fields", new ConverseCommand({ modelId: "m", additionalModelRequestFields: { top_k: 5 } }), {}],
    [
      "a model's input with a URI in another form",
      new StartAsyncInvokeCommand({
        modelId: "m",
        modelInput: { video: "s3://b/1" },
        outputDataConfig: { s3OutputDataConfig: { s3Uri: "s3://b/out" } },
      }),
      { output: { uri: "s3://b/out" }, unread: ["body"] },
    ],
    [
      "a location that isn't a text",
      { input: { messages: [{ content: [{ image: { source: { s3Location: { uri: 1 } } } }] }] } },
      { unread: ["body"] },
    ],
    [
      "a tool's result in another one",
      {
        input: {
          messages: [{ content: [{ toolResult: { content: [{ toolResult: { content: [{ image: {} }] } }] } }] }],
        },
      },
      { unread: ["body"] },
    ],
    [
      "tools that aren't a list",
      { input: { toolConfig: { tools: new Set([{ systemTool: {} }]) } } },
      { unread: ["body"] },
    ],
    ["tags that aren't a list", { input: { tags: new Set() } }, { unread: ["tags"] }],
    ["a guardrail that isn't a text", { input: { guardrailIdentifier: 1 } }, { unread: ["guardrail"] }],
    ["a service tier that isn't a text", { input: { serviceTier: {} } }, { unread: ["service-tier"] }],
    ["a tag without a value", { input: { tags: [{ key: "team" }] } }, { unread: ["tags"] }],
  ])("are read from %s", (_, command, facts) => {
    expect(callFactsOf(command)).toEqual(facts);
  });

  it("don't contain a prompt", () => {
    const secret = "SECRET";
    const facts = callFactsOf(
      new ConverseCommand({
        modelId: "m",
        system: [{ text: secret }],
        messages: [{ role: "user", content: [{ text: secret }, { image: { format: "png", source: s3("s3://b/1") } }] }],
        promptVariables: { name: { text: secret } },
        requestMetadata: { name: secret },
      }),
    );
    expect(JSON.stringify(facts)).not.toContain(secret);
  });

  it("are unknown for what can't be read, and reading never throws", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const deep: { a?: object } = {};
    deep.a = deep;
    expect(callFactsOf("Converse")).toBeUndefined();
    expect(callFactsOf(null)).toBeUndefined();
    expect(callFactsOf(proxy)).toBeUndefined();
    expect(callFactsOf({ input: { messages: proxy } })).toEqual({
      unread: ["body", "guardrail", "service-tier", "tags"],
    });
    for (const field of ["messages", "guardrailConfig", "toolConfig", "serviceTier", "tags", "body"]) {
      const input = Object.defineProperty({ guardrailIdentifier: "gr1" }, field, {
        get() {
          throw new Error("unreadable");
        },
      });
      expect(callFactsOf({ input }), field).toEqual({ unread: ["body", "guardrail", "service-tier", "tags"] });
    }
    const endless = new StartAsyncInvokeCommand({
      modelId: "m",
      modelInput: deep as never,
      outputDataConfig: undefined as never,
    });
    expect(callFactsOf(endless)).toEqual({ unread: ["body"] });
  });
});
