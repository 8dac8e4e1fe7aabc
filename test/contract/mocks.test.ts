import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, describe, expect, it } from "vitest";
import * as ours from "../../src/index.js";
import { CREDENTIALS, hello } from "./wires.js";

const refusal = () =>
  new sdk.AccessDeniedException({
    message: "You don't have access to the model with the specified model ID.",
    $metadata: { httpStatusCode: 403 },
  });

const config = { region: "us-east-1", credentials: CREDENTIALS };
let mock: { restore(): void } | undefined;
afterEach(() => mock?.restore());

describe("aws-sdk-client-mock, which stubs send", () => {
  it("mocks our class as it mocks the SDK's", async () => {
    const stub = mockClient(ours.BedrockRuntimeClient);
    mock = stub;
    stub.on(sdk.ConverseCommand).resolves({ stopReason: "end_turn" });
    const client = new ours.BedrockRuntimeClient(config);
    expect(await client.send(new ours.ConverseCommand(hello()))).toEqual({ stopReason: "end_turn" });
    expect(stub.commandCalls(sdk.ConverseCommand)).toHaveLength(1);
    expect(
      await (client.send(new ours.InvokeModelCommand({ modelId: "m" })) as Promise<unknown> | undefined),
    ).toBeUndefined();
  });

  it("mocks the SDK's class beneath ours: outputs pass, and a denial is diagnosed", async () => {
    const stub = mockClient(sdk.BedrockRuntimeClient);
    mock = stub;
    stub.on(sdk.ConverseCommand).resolvesOnce({ stopReason: "end_turn" }).rejects(refusal());
    const client = new ours.BedrockRuntimeClient(config);
    expect(await client.send(new sdk.ConverseCommand(hello()))).toEqual({ stopReason: "end_turn" });
    const error = await client.send(new sdk.ConverseCommand(hello())).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(sdk.AccessDeniedException);
    expect(error.diagnosis.kind).toBe("model-access-not-granted");
  });

  it("mocks one of our clients, and one made with withResilience", async () => {
    for (const client of [
      new ours.BedrockRuntimeClient(config),
      ours.withResilience(new sdk.BedrockRuntimeClient(config)),
    ]) {
      const stub = mockClient(client);
      stub.on(sdk.ConverseCommand).resolves({ stopReason: "max_tokens" });
      expect(await client.send(new sdk.ConverseCommand(hello()))).toEqual({ stopReason: "max_tokens" });
      stub.restore();
    }
  });

  it("works with the paginator, which requires an instance of the SDK's class", async () => {
    const client = new ours.BedrockRuntimeClient(config);
    const stub = mockClient(client);
    mock = stub;
    stub.on(sdk.ListAsyncInvokesCommand).resolves({ asyncInvokeSummaries: [] });
    const pages: unknown[] = [];
    for await (const page of ours.paginateListAsyncInvokes({ client }, {})) pages.push(page);
    expect(pages).toEqual([{ asyncInvokeSummaries: [] }]);
  });
});
