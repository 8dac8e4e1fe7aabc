import { BedrockClient } from "@aws-sdk/client-bedrock";
import { describe, expect, it } from "vitest";
import { readAccount } from "../../scripts/catalog/account.js";

const arn = (region: string) => `arn:aws:bedrock:${region}::foundation-model/acme.scribe-2`;
const profile = (id: string, regions: string[]) => ({
  inferenceProfileId: id,
  inferenceProfileName: `Name of ${id}`,
  inferenceProfileArn: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${id}`,
  models: regions.map((region) => ({ modelArn: arn(region) })),
  status: "ACTIVE",
  type: "SYSTEM_DEFINED",
});
const model = (modelId: string, types: string[], status = "ACTIVE") => ({
  modelId,
  modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${modelId}`,
  inferenceTypesSupported: types,
  modelLifecycle: { status },
});

interface Listing {
  pages: object[][];
  models: object[];
}

/** A control plane that answers the two list operations, one page of profiles after another. */
function accountOf(listings: Record<string, Listing | { errorName: string }>) {
  const requests: string[] = [];
  const answer = (statusCode: number, body: object, headers: Record<string, string> = {}) => ({
    response: {
      statusCode,
      headers: { "content-type": "application/json", ...headers },
      body: new TextEncoder().encode(JSON.stringify(body)),
    },
  });
  const clientFor = (region: string) =>
    new BedrockClient({
      region,
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
      maxAttempts: 1,
      requestHandler: {
        // biome-ignore lint/suspicious/noExplicitAny: the handler's types are the SDK's own.
        handle: async ({ path, query }: any): Promise<any> => {
          requests.push(`${region} ${path}${query.nextToken ? ` ${query.nextToken}` : ""}`);
          const listing = listings[region] ?? { errorName: "UnrecognizedClientException" };
          if ("errorName" in listing) return answer(403, { message: "no" }, { "x-amzn-errortype": listing.errorName });
          if (path === "/foundation-models") return answer(200, { modelSummaries: listing.models });
          const page = Number(query.nextToken ?? 0);
          const nextToken = page + 1 < listing.pages.length ? { nextToken: String(page + 1) } : {};
          return answer(200, { inferenceProfileSummaries: listing.pages[page], ...nextToken });
        },
      },
    });
  return { clientFor, requests };
}

describe("readAccount", () => {
  const east: Listing = {
    pages: [
      [profile("us.acme.scribe-2", ["us-west-2", "us-east-1"])],
      [profile("global.acme.scribe-2", ["", "us-east-1"])],
    ],
    models: [
      model("acme.scribe-2", ["ON_DEMAND", "INFERENCE_PROFILE"], "LEGACY"),
      model("acme.scribe-2:48k", ["PROVISIONED"]),
    ],
  };
  const west: Listing = {
    pages: [[profile("us.acme.scribe-2", ["us-east-1", "us-west-2"])]],
    models: [model("acme.scribe-2", ["INFERENCE_PROFILE"])],
  };

  it("reads every page in every Region, with the two list operations and nothing else", async () => {
    const { clientFor, requests } = accountOf({ "us-east-1": east, "us-west-2": west });
    const { observation, unread } = await readAccount(["us-east-1", "us-west-2"], "2026-11-25", clientFor);
    expect(requests).toEqual([
      "us-east-1 /inference-profiles",
      "us-east-1 /inference-profiles 1",
      "us-east-1 /foundation-models",
      "us-west-2 /inference-profiles",
      "us-west-2 /foundation-models",
    ]);
    expect(unread).toEqual([]);
    expect(observation.source).toMatchObject({ kind: "scan", date: "2026-11-25", regions: "us-east-1 us-west-2" });
    expect(observation.profiles).toEqual({
      "us.acme.scribe-2": {
        name: "Name of us.acme.scribe-2",
        routes: [{ from: "us-east-1 us-west-2", to: "us-east-1 us-west-2" }],
      },
      "global.acme.scribe-2": { name: "Name of global.acme.scribe-2", routes: [{ from: "us-east-1", to: "*" }] },
    });
  });

  it("keeps the lifecycle and on-demand support of each Region", async () => {
    const { clientFor } = accountOf({ "us-east-1": east, "us-west-2": west });
    const { observation } = await readAccount(["us-east-1", "us-west-2"], "2026-11-25", clientFor);
    expect(observation.models).toEqual({
      "acme.scribe-2": [
        { lifecycle: "LEGACY", onDemand: "us-east-1", profileOnly: "" },
        { lifecycle: "ACTIVE", onDemand: "", profileOnly: "us-west-2" },
      ],
    });
  });

  it("omits a Region that it can't read, and reports the reason", async () => {
    const { clientFor } = accountOf({ "us-west-2": west });
    const { observation, unread } = await readAccount(["af-south-1", "us-west-2"], "2026-11-25", clientFor);
    expect(unread).toEqual([{ region: "af-south-1", errorName: "UnrecognizedClientException" }]);
    expect(observation.source.regions).toBe("us-west-2");
  });

  it("fails if it can't read any Region", async () => {
    const { clientFor } = accountOf({ "us-east-1": { errorName: "AccessDeniedException" } });
    await expect(readAccount(["us-east-1"], "2026-11-25", clientFor)).rejects.toThrow(
      "No Region could be read: us-east-1 (AccessDeniedException).",
    );
  });
});
