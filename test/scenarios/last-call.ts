// Run by hanging.test.ts in a process of its own: one denied call whose sources never answer, and then nothing. Prints how
// the call ended, and when, in milliseconds since the epoch.
//
//   last-call.ts <url of a server> control-plane|store|credentials [abort]

import { BedrockRuntimeClient, ConverseCommand } from "../../src/index.js";

const [url = "", what = "", how = ""] = process.argv.slice(2);
let isHanging = false;
const hung = <T>(value: T) => (isHanging ? new Promise<T>(() => {}) : Promise.resolve(value));
const credentials = () => hung({ accessKeyId: "A", secretAccessKey: "S", expiration: new Date(Date.now() + 60_000) });
const store = { get: () => hung(undefined), set: () => hung(true), delete: () => hung(true) };
const client = new BedrockRuntimeClient({
  region: "us-east-1",
  endpoint: url,
  credentials: what === "credentials" ? credentials : { accessKeyId: "A", secretAccessKey: "S" },
  maxAttempts: 1,
  resilience: {
    ...(what === "store" ? { store } : {}),
    diagnosis: { timeoutMs: how === "abort" ? 60_000 : 300, simulation: true, probe: { mayStartSubscription: true } },
  },
});
const gone = new AbortController();
client.middlewareStack.add(
  (next) => (args) =>
    next(args).catch((error: unknown) => {
      isHanging = true;
      if (how === "abort") setTimeout(() => gone.abort(), 300);
      throw error;
    }),
  { step: "initialize" },
);
const error = await client
  .send(new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] }), { abortSignal: gone.signal })
  .catch((thrown: Error) => thrown);
console.log(JSON.stringify({ name: (error as Error).name, ended: Date.now() }));
