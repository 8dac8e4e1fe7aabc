import { describe, expect, it } from "vitest";
import { bedrockClients } from "../../src/aws/bedrock-clients.js";
import { BedrockProfileSource } from "../../src/aws/inference-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import { ProfileResolver } from "../../src/resolve/resolve.js";

const ID = "us.acme.model-v1:0";
const model = (region: string) => ({ modelArn: `arn:aws:bedrock:${region}::foundation-model/acme.model-v1:0` });
const never = new AbortController().signal;

/** A resolver whose control plane returns this. */
function resolverOf(output: object) {
  const client = { send: async () => ({ inferenceProfileId: ID, type: "SYSTEM_DEFINED", ...output }) };
  const source = new BedrockProfileSource(bedrockClients({ region: async () => "us-east-1" } as never, client));
  const catalog = async () => ({ knownProfile: () => undefined });
  return new ProfileResolver({ source, catalog, cacheTtlMs: 1_000, timeoutMs: 1_000 });
}

describe("the models of an inference profile", () => {
  it("are read one by one", async () => {
    const resolver = resolverOf({ models: [model("us-east-1"), model("")] });
    const { profile } = await resolver.resolve(parseModelId(ID), "us-east-1", never);
    expect(profile?.models.map(({ region }) => region)).toEqual(["us-east-1", "unspecified"]);
  });

  it.each<[string, unknown]>([
    ["without an ARN", {}],
    ["with an ARN that can't be read", { modelArn: "model" }],
    ["with an ARN that isn't text", { modelArn: 7 }],
    ["of another kind", { modelArn: "arn:aws:bedrock:us-west-2:111122223333:custom-model/acme" }],
    ["that are null", null],
  ])("%s aren't skipped: the whole response is invalid", async (_, unreadable) => {
    const resolver = resolverOf({ models: [model("us-east-1"), unreadable] });
    const lookup = await resolver.resolve(parseModelId(ID), "us-east-1", never);
    expect(lookup).toMatchObject({ via: "none", failure: { reason: "malformed" } });
  });
});
