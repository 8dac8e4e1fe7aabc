// A denied call of clients that have policies from their own build and from the other one.

const statement = { Effect: "Allow", Action: "*", Resource: "*" };
const policy = (name, ...Statement) => ({ name, document: { Version: "2012-10-17", Statement } });
const full = policy("Full", statement);
const west = { StringEquals: { "aws:RequestedRegion": "us-west-2" } };
const deny = policy("West", { ...statement, Effect: "Deny", Condition: west });
const input = { identity: [full], serviceControl: [{ level: "Root", policies: [full, deny] }] };

exports.blockedWith = async ({ BedrockRuntimeClient, ConverseCommand }, SimulatedBedrock, own, other) => {
  const bedrock = new SimulatedBedrock({
    organization: { root: { name: "Root", policies: [full, deny], accounts: [{ id: "111122223333" }] } },
  });
  const server = await bedrock.listen();
  const clientWith = (policies) =>
    new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      resilience: { diagnosis: { policies, timeoutMs: 60_000 } },
    });
  const blocked = async (policies) => {
    const client = clientWith(policies);
    const command = new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] });
    const { diagnosis } = await client.send(command).catch((error) => error);
    client.destroy();
    const evaluated = diagnosis.evidence.some(({ source }) => source === "policies");
    return evaluated ? diagnosis.blockedRegions : ["not evaluated"];
  };
  const answer = { own: await blocked(own.policySet(input)), other: await blocked(other.policySet(input)) };
  await server.close();
  const legs = [
    {
      stage: "model",
      action: "bedrock:InvokeModel",
      resource: "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0",
      region: "us-west-2",
    },
  ];
  const principal = { arn: "arn:aws:iam::111122223333:role/App" };
  const [{ verdict }] = own.evaluateAccess({ legs, principal, policies: other.policySet(input) });
  try {
    clientWith(input);
  } catch (error) {
    return { ...answer, verdict, plain: error.message };
  }
  return { ...answer, verdict };
};
