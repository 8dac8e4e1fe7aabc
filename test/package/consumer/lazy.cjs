// Prints which modules the cache contains after a call that succeeds, and after one that is denied.
const { BedrockRuntimeClient, ConverseCommand } = require("resilient-bedrock");
const atStart = new Set(Object.keys(require.cache));
const { SimulatedBedrock } = require("resilient-bedrock/testing");

const LAZY = /client-bedrock\/|\/pino\/|\/p-retry\/|\/quick-lru\/|resilient-bedrock\/dist\//;
const isTesting = /resilient-bedrock\/dist\/testing/;

(async () => {
  const bedrock = new SimulatedBedrock();
  const server = await bedrock.listen();
  const known = new Set([...atStart, ...Object.keys(require.cache)]);
  const loaded = () =>
    Object.keys(require.cache).filter((file) => LAZY.test(file) && !known.has(file) && !isTesting.test(file));
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const call = () =>
    client.send(
      new ConverseCommand({
        modelId: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        messages: [{ role: "user", content: [{ text: "hi" }] }],
      }),
    );
  await call();
  const afterSuccess = loaded();
  bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", denyKind: "explicit" });
  await call().catch(() => {});
  const afterRefusal = loaded();
  client.destroy();
  await server.close();
  console.log(JSON.stringify({ afterSuccess, afterRefusal }));
})();
