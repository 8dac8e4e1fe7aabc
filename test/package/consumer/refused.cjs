const { AccessDeniedException } = require("@aws-sdk/client-bedrock-runtime");
const { BedrockRuntimeClient, ConverseCommand, fallbackOf } = require("resilient-bedrock");
const { SimulatedBedrock } = require("resilient-bedrock/testing");

(async () => {
  const bedrock = new SimulatedBedrock();
  bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", denyKind: "explicit" });
  const server = await bedrock.listen();
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const error = await client
    .send(
      new ConverseCommand({
        modelId: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        messages: [{ role: "user", content: [{ text: "hi" }] }],
      }),
    )
    .catch((thrown) => thrown);
  const withFallback = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    resilience: { fallback: { to: "single-region" }, retry: { modelTimeout: 1 } },
  });
  bedrock.fault({ name: "model-timeout", times: 1 });
  const output = await withFallback.send(new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] }));
  withFallback.destroy();
  client.destroy();
  await server.close();
  console.log(
    JSON.stringify({
      name: error.name,
      blockedRegions: error.diagnosis?.blockedRegions,
      same: error instanceof AccessDeniedException,
      fallback: fallbackOf(output)?.used?.modelId,
    }),
  );
})();
