import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { expect, it } from "vitest";
import { BedrockRuntimeClient, type DiagnosedError } from "../../src/index.js";

const PAIRS = 50;
const CALLS = 10_000;

const modelOf = (pair: number) => `acme.model-${pair}-v1:0`;
const profileOf = (pair: number) => `us.${modelOf(pair)}`;

/** Denies every call, each with its own message: newer messages end with an ID. Counts the lookups. */
function refusing() {
  const lookups: string[] = [];
  let refused = 0;
  const handle = async ({ method, path }: { method: string; path: string }) => {
    const pair = Number(/model-(\d+)-/.exec(path)?.[1]);
    const headers = { "content-type": "application/json", "x-amzn-errortype": "AccessDeniedException" };
    if (method === "GET") {
      lookups.push(path);
      const models = ["us-east-1", "us-west-2"].map((region) => ({
        modelArn: `arn:aws:bedrock:${region}::foundation-model/${modelOf(pair)}`,
      }));
      const body = JSON.stringify({
        inferenceProfileId: profileOf(pair),
        inferenceProfileArn: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${profileOf(pair)}`,
        inferenceProfileName: "n",
        models,
        status: "ACTIVE",
        type: "SYSTEM_DEFINED",
      });
      return { response: { statusCode: 200, headers, body: Buffer.from(body) } };
    }
    refused += 1;
    const Message = `User: arn:aws:sts::111122223333:assumed-role/App${pair}/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${modelOf(pair)} with an explicit deny in a service control policy. Go to https://example.com for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: id-${refused}`;
    return { response: { statusCode: 403, headers, body: Buffer.from(JSON.stringify({ Message })) } };
  };
  return { lookups, requestHandler: { handle, metadata: { handlerProtocol: "http/1.1" } } as never };
}

it("10,000 concurrent denied calls of 50 principals and profiles cause one diagnosis each, and keep their own messages", async () => {
  const { lookups, requestHandler } = refusing();
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    requestHandler,
    // How busy the machine is has no part in this.
    resilience: { diagnosis: { timeoutMs: 60_000 } },
  });
  const errors = await Promise.all(
    Array.from({ length: CALLS }, (_, call) =>
      client
        .send(new ConverseCommand({ modelId: profileOf(call % PAIRS), messages: [] }))
        .then(() => Promise.reject(new Error("not refused")))
        .catch((error: DiagnosedError) => error),
    ),
  );
  expect(lookups).toHaveLength(PAIRS);
  expect(new Set(errors.map(({ diagnosis }) => diagnosis.legs)).size).toBe(PAIRS);
  expect(new Set(errors.map(({ diagnosis }) => diagnosis.refusal.authorizationId)).size).toBe(CALLS);
  for (const { message, diagnosis } of errors) {
    expect(message).toBe(`${diagnosis.summary}\nAWS message: ${diagnosis.refusal.raw}`);
    expect(diagnosis.principal?.name).toBe(`App${/model-(\d+)-/.exec(diagnosis.modelId)?.[1]}`);
  }
  client.destroy();
}, 180_000);
