// The optional clients aren't installed. Each source that needs one reports that. The call's error doesn't change.
const { BedrockRuntimeClient, ConverseCommand } = require("resilient-bedrock");
const { SimulatedBedrock } = require("resilient-bedrock/testing");

(async () => {
  const bedrock = new SimulatedBedrock();
  bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", denyKind: "explicit" });
  const server = await bedrock.listen();
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials,
    resilience: { diagnosis: { simulation: true, organization: { credentials } } },
  });
  const error = await client
    .send(new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] }))
    .catch((thrown) => thrown);
  const preflight = await client.diagnose(new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0" }));
  client.destroy();
  await server.close();
  const says = ({ evidence }) =>
    Object.fromEntries(
      ["identity", "simulation", "organization"].map((source) => [
        source,
        evidence.find((piece) => piece.source === source)?.says,
      ]),
    );
  console.log(JSON.stringify({ name: error.name, refused: says(error.diagnosis), preflight: says(preflight) }));
})();
