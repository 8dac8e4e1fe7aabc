// Run with a low limit of open files. The first denied call can't load what a diagnosis needs; the second one can.
const { closeSync, openSync } = require("node:fs");
const { Readable } = require("node:stream");
const { BedrockRuntimeClient, ConverseCommand } = require("resilient-bedrock");
const { SimulatedBedrock } = require("resilient-bedrock/testing");

/** Opens files until there are too many. */
function exhaust() {
  const files = [];
  for (;;) {
    try {
      files.push(openSync("/dev/null", "r"));
    } catch {
      return () => files.forEach(closeSync);
    }
  }
}

/** Sends requests straight to the simulated Bedrock: a socket would be one open file too many. */
const inProcess = (bedrock) => ({
  metadata: { handlerProtocol: "http/1.1" },
  async handle({ method, protocol, hostname, path, headers, body }) {
    const sent = { method, headers, body: method === "GET" ? undefined : body };
    const answer = await bedrock.handle(new Request(`${protocol}//${hostname}${path}`, sent));
    const received = Readable.from([Buffer.from(await answer.arrayBuffer())]);
    return { response: { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body: received } };
  },
  destroy() {},
});

(async () => {
  const bedrock = new SimulatedBedrock();
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    requestHandler: inProcess(bedrock),
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    resilience: { diagnosis: { timeoutMs: 60_000 } },
  });
  const command = () => new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] });
  await client.send(command());
  bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", denyKind: "explicit" });
  const release = exhaust();
  const first = await client.send(command()).catch((error) => error);
  release();
  const second = await client.send(command()).catch((error) => error);
  client.destroy();
  console.log(
    JSON.stringify({
      name: first.name,
      diagnosed: [first, second].map((error) => error.diagnosis !== undefined),
      profile: second.diagnosis?.evidence.find(({ source }) => source === "profile")?.finding.code,
    }),
  );
})();
