// Run by redis.test.ts in processes of their own: one function of a fleet, which makes one call, prints how it was
// answered, and ends by itself.
//
//   fleet-member.ts <the simulated Bedrock's address> <the Redis's address> <access key id>

import { createKeyv } from "@keyv/redis";
import { BedrockRuntimeClient, ConverseCommand, fallbackOf } from "../../src/index.js";

const [endpoint = "", redis = "", accessKeyId = ""] = process.argv.slice(2);
const store = createKeyv(redis);
store.on("error", () => {});
const client = new BedrockRuntimeClient({
  region: "us-east-1",
  endpoint,
  credentials: { accessKeyId, secretAccessKey: "S" },
  resilience: { store, fallback: { to: "single-region" } },
});
const output = await client.send(new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] }));
const { used, remembered } = fallbackOf(output) ?? {};
console.log(JSON.stringify({ used: used?.modelId, remembered }));
client.destroy();
await store.disconnect();
