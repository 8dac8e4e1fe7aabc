// What bundlers and Jest get: one denied call, and a diagnosis with every source turned on.

const credentials = { accessKeyId: "AKIDAPP", secretAccessKey: "example" };

/** The findings of a denied call, and of a preflight of the same call: what each source found out, or why it couldn't. */
exports.findingsOfDeniedCall = async ({ BedrockRuntimeClient, ConverseCommand }, endpoint) => {
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint,
    credentials,
    resilience: {
      diagnosis: {
        timeoutMs: 60_000,
        simulation: { requestsPerSecond: 50 },
        organization: { credentials: { accessKeyId: "AKIDAUDITOR", secretAccessKey: "example" } },
      },
    },
  });
  const command = new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] });
  const error = await client.send(command).catch((thrown) => thrown);
  if (error.diagnosis === undefined) throw error;
  const preflight = await client.diagnose(command);
  client.destroy();
  const findings = ({ evidence }) => evidence.map(({ source, finding }) => `${source}: ${finding.code}`).sort();
  return { name: error.name, denied: findings(error.diagnosis), preflight: findings(preflight) };
};
