import { ConverseCommand, BedrockRuntimeClient as SdkClient } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { regionSetting } from "../../src/call/region-setting.js";
import { isDiagnosedError, withResilience } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf, inProcess } from "../in-process.js";

const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";

describe("the setting that a client's Region comes from", () => {
  it.each([
    ["us-east-1", "us-east-1", undefined, "client"],
    [async () => "us-east-1", "us-east-1", undefined, "client"],
    ["us-west-2", "us-east-1", "us-east-1", undefined],
    ["sdk-default", "us-east-1", "us-east-1", "AWS_REGION"],
    ["sdk-default", "us-east-1", "us-west-2", undefined],
    ["sdk-default", "us-east-1", undefined, undefined],
    [undefined, "us-east-1", "us-east-1", undefined],
  ] as const)("configured %s, Region %s, AWS_REGION %s: %s", (configured, region, variable, setting) => {
    if (variable !== undefined) process.env.AWS_REGION = variable;
    expect(regionSetting(configured, region)).toBe(setting);
  });

  const denied = async (client: SdkClient) => {
    const error: unknown = await client
      .send(new ConverseCommand({ modelId: `us.${SONNET}`, messages: [] }))
      .catch((thrown) => thrown);
    client.destroy();
    if (!isDiagnosedError(error)) throw error;
    return error.diagnosis;
  };
  const bedrock = () => {
    const simulated = new SimulatedBedrock();
    simulated.deny({ kind: "model-access-not-granted" });
    return simulated;
  };

  it("is in the diagnosis", async () => {
    const explicit = await denied(clientOf(bedrock()));
    expect(explicit).toMatchObject({ regionFrom: "client", sourceRegion: "us-east-1" });
    expect(explicit.summary).toMatch(
      /^Access to the model ID \S+ was denied in us-east-1 \(from the region setting of the client\)\./,
    );
    process.env.AWS_REGION = "us-west-2";
    const variable = await denied(clientOf(bedrock(), {}, { region: undefined as never }));
    expect(variable).toMatchObject({ regionFrom: "AWS_REGION", sourceRegion: "us-west-2" });
  });

  it("isn't guessed for a client that the application created itself", async () => {
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
    const config = { region: "us-east-1", credentials, requestHandler: inProcess(bedrock()) };
    const diagnosis = await denied(withResilience(new SdkClient(config)));
    expect(diagnosis.regionFrom).toBeUndefined();
    expect(diagnosis.summary).toMatch(/^Access to the model ID \S+ was denied in us-east-1\. /);
  });
});
