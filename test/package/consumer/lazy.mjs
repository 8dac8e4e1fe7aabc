// The same for ESM, where a resolve hook on its own thread records every module that is imported.
import { register } from "node:module";
import { MessageChannel } from "node:worker_threads";

const { port1, port2 } = new MessageChannel();
const seen = [];
port1.on("message", (url) => seen.push(url));
port1.unref();
const hook = `
  let port;
  export function initialize(data) { port = data.port; }
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context);
    port.postMessage(found.url);
    return found;
  }`;
register(`data:text/javascript,${encodeURIComponent(hook)}`, { data: { port: port2 }, transferList: [port2] });

const { BedrockRuntimeClient, ConverseCommand } = await import("resilient-bedrock");
const { SimulatedBedrock } = await import("resilient-bedrock/testing");
const LAZY = /client-bedrock\/|\/pino\/|\/p-retry\/|\/quick-lru\/|resilient-bedrock\/dist\//;
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

const bedrock = new SimulatedBedrock();
const server = await bedrock.listen();
await settled();
const before = new Set(seen);
const loaded = () => [...new Set(seen)].filter((url) => LAZY.test(url) && !before.has(url));
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
await settled();
const afterSuccess = loaded();
bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", denyKind: "explicit" });
await call().catch(() => {});
await settled();
const afterRefusal = loaded();
client.destroy();
await server.close();
console.log(JSON.stringify({ afterSuccess, afterRefusal }));
