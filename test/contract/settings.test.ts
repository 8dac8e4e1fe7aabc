import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { afterEach, describe, expect, it } from "vitest";
import { isDiagnosedError } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { CLIENTS, CREDENTIALS, hello } from "./wires.js";

/** What a client sends, caught before it leaves; answered as a service that is never there. */
function catching() {
  const requests: { hostname: string; path: string; headers: Record<string, string> }[] = [];
  const handle = async (request: (typeof requests)[number]) => {
    requests.push(request);
    throw Object.assign(new Error("caught"), { name: "CaughtError" });
  };
  return { requests, requestHandler: { handle } as never };
}

const thrownBy = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error("nothing was thrown"),
    (error) => error,
  );

/** Runs the same with the SDK's client and each of ours, and expects what the first one shows. */
async function sameFor(
  run: (client: sdk.BedrockRuntimeClient) => Promise<unknown>,
  config: () => sdk.BedrockRuntimeClientConfig,
) {
  const shown: unknown[] = [];
  for (const make of Object.values(CLIENTS)) {
    const client = make(config());
    shown.push(await run(client));
    client.destroy();
  }
  for (const other of shown) expect(other).toEqual(shown[0]);
  return shown[0];
}

describe("the SDK's own settings work as with the SDK's client", () => {
  afterEach(() => {
    for (const name of ["AWS_BEARER_TOKEN_BEDROCK", "AWS_REGION", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"])
      delete process.env[name];
  });

  const error = (client: sdk.BedrockRuntimeClient) =>
    thrownBy(client.send(new sdk.ConverseCommand(hello()))).then((thrown) => ({
      name: thrown.name,
      message: thrown.message,
      diagnosed: isDiagnosedError(thrown),
    }));

  it("without a Region", async () => {
    const shown = await sameFor(error, () => ({ credentials: CREDENTIALS }));
    expect(shown).toMatchObject({ message: "Region is missing", diagnosed: false });
  });

  it("without credentials", async () => {
    const shown = await sameFor(error, () => ({ region: "us-east-1", ...catching() }));
    expect(shown).toMatchObject({ name: "CredentialsProviderError", diagnosed: false });
  });

  const sent = (config: () => sdk.BedrockRuntimeClientConfig) =>
    sameFor(
      async (client) => {
        const caught = catching();
        client.config.requestHandler = caught.requestHandler;
        await thrownBy(client.send(new sdk.ConverseCommand(hello())));
        const [request] = caught.requests;
        const authorization = request?.headers.authorization ?? request?.headers.Authorization ?? "";
        return {
          host: request?.hostname,
          path: request?.path,
          scheme: authorization.split(" ")[0],
          count: caught.requests.length,
        };
      },
      () => ({ maxAttempts: 1, ...config() }),
    );

  it("with the Region and endpoint from the environment", async () => {
    process.env.AWS_REGION = "eu-west-1";
    expect(await sent(() => ({ credentials: CREDENTIALS }))).toMatchObject({
      host: "bedrock-runtime.eu-west-1.amazonaws.com",
    });
    process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME = "https://gateway.example.com/bedrock";
    expect(await sent(() => ({ credentials: CREDENTIALS }))).toMatchObject({
      host: "gateway.example.com",
      path: expect.stringMatching(/^\/bedrock\/model\//),
    });
  });

  it("with an endpoint override", async () => {
    const config = () => ({ region: "us-east-1", credentials: CREDENTIALS, endpoint: "https://vpce-1.example.com" });
    expect(await sent(config)).toMatchObject({ host: "vpce-1.example.com", scheme: "AWS4-HMAC-SHA256" });
  });

  it("with a Bedrock API key from the environment, and one from the configuration", async () => {
    process.env.AWS_BEARER_TOKEN_BEDROCK = "a-key";
    expect(await sent(() => ({ region: "us-east-1" }))).toMatchObject({ scheme: "Bearer" });
    delete process.env.AWS_BEARER_TOKEN_BEDROCK;
    const config = () => ({ region: "us-east-1", token: { token: "a-key" }, authSchemePreference: ["httpBearerAuth"] });
    expect(await sent(config)).toMatchObject({ scheme: "Bearer" });
  });
});

describe("a diagnosis uses the client's own endpoint and credentials", () => {
  const refusedThrough = async (config: (url: string) => sdk.BedrockRuntimeClientConfig) => {
    const bedrock = new SimulatedBedrock();
    bedrock.deny({ region: "us-west-2", policyType: "service-control-policy" });
    const server = await bedrock.listen();
    const errors = await sameFor(
      async (client) => {
        const thrown = await thrownBy(client.send(new sdk.ConverseCommand(hello())));
        return thrown.name;
      },
      () => config(server.url),
    );
    const asked = bedrock.requests.filter(({ operation }) => operation === "GetInferenceProfile");
    await server.close();
    return { errors, asked };
  };

  it("sends to a pinned endpoint, over HTTP/1.1, also if the client uses HTTP/2", async () => {
    const { errors, asked } = await refusedThrough((endpoint) => ({
      region: "us-east-1",
      credentials: CREDENTIALS,
      endpoint,
    }));
    expect(errors).toBe("AccessDeniedException");
    expect(asked).toHaveLength(Object.keys(CLIENTS).length - 1);
    expect(asked.map(({ protocol }) => protocol)).toEqual(asked.map(() => "HTTP/1.1"));
  });

  it("uses the application's API key, if the client uses one", async () => {
    process.env.AWS_BEARER_TOKEN_BEDROCK = "a-key";
    const { asked } = await refusedThrough((endpoint) => ({ region: "us-east-1", endpoint }));
    expect(asked).toHaveLength(Object.keys(CLIENTS).length - 1);
    delete process.env.AWS_BEARER_TOKEN_BEDROCK;
  });
});
