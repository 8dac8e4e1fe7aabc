import { afterEach, describe, expect, it, vi } from "vitest";
import { BedrockRuntimeClient, ConverseCommand, isDiagnosedError, resolveInferenceProfile } from "../../src/index.js";
import type { CatalogData } from "../../src/resolve/catalog-format.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";

// The bundled catalog must not be used here. The simulated Bedrock imports it as well, and finds it empty.
const used = vi.hoisted(() => ({ bundled: [] as string[] }));
vi.mock("../../src/resolve/known-profiles.js", () => {
  const use = (name: string) => () => {
    used.bundled.push(name);
    return [];
  };
  return {
    asOf: "never",
    knownProfile: () => undefined,
    knownProfilesOf: () => [],
    knownProfilesFrom: () => [],
    knownSourceRegions: () => [],
    // What only a client uses.
    knownGeographies: use("knownGeographies"),
    candidateProfileIds: use("candidateProfileIds"),
    containsModel: use("containsModel"),
    similarModelIds: use("similarModelIds"),
  };
});
vi.mock("../../src/resolve/known-models.js", () => ({ knownModel: () => undefined }));

const NEW = "acme.scribe-9";
const catalog: CatalogData = {
  formatVersion: 1,
  profiles: {
    asOf: "2027-01-15",
    sources: [["2027-01-15", "scan"]],
    regionSets: ["us-east-1", "us-east-1 us-west-2", "*"],
    routes: [[[0, 0, 1]], [[0, 0, 2]]],
    profiles: { [`us.${NEW}`]: [0], [`global.${NEW}`]: [1] },
  },
  models: {
    asOf: "2027-01-15",
    sources: [["2027-01-15", "scan"]],
    regionSets: ["", "us-east-1"],
    models: { [NEW]: [[0, "ACTIVE", 0, 1]] },
  },
};

const converse = () => new ConverseCommand({ modelId: NEW, messages: [] });

/** A control plane that denies every read. */
const client = { send: () => Promise.reject(Object.assign(new Error("no"), { name: "AccessDeniedException" })) };

describe("resolve.catalog", () => {
  const bedrock = new SimulatedBedrock({ models: [{ id: NEW, onDemandRegions: [] }], profiles: [] });
  afterEach(() => bedrock.reset());

  const runtime = async (bareModels?: "geographic") => {
    const server = await bedrock.listen();
    const made = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      credentials: { accessKeyId: "A", secretAccessKey: "S" },
      maxAttempts: 1,
      resilience: { resolve: { catalog, client, ...(bareModels ? { bareModels } : {}) } },
    });
    return { made, end: () => [made.destroy(), server.close()] };
  };

  it("replaces the bundled catalog, states its date, and the bundled catalog isn't used", async () => {
    const { made, end } = await runtime();
    const lookup = await resolveInferenceProfile(`us.${NEW}`, { client: made });
    expect(lookup).toMatchObject({ via: "bundled-catalog", asOf: "2027-01-15", profile: { id: `us.${NEW}` } });
    const error = await made.send(converse()).catch((thrown: unknown) => thrown);
    if (!isDiagnosedError(error)) throw error;
    expect(error.diagnosis.alternatives.map(({ profileId }) => profileId)).toEqual([`us.${NEW}`, `global.${NEW}`]);
    expect(error.diagnosis.summary).toContain(`us.${NEW} and global.${NEW} (catalog of 2027-01-15)`);
    expect(used.bundled).toEqual([]);
    end();
  });

  it("also decides how a bare model ID is called", async () => {
    const { made, end } = await runtime("geographic");
    await made.send(converse()).catch(() => {});
    expect(bedrock.requests.map(({ modelId }) => modelId)).toContain(`us.${NEW}`);
    expect(used.bundled).toEqual([]);
    end();
  });

  it("is checked when the client is created", () => {
    const wrong = { ...catalog, profiles: { ...catalog.profiles, asOf: "soon" } };
    expect(
      () => new BedrockRuntimeClient({ region: "us-east-1", resilience: { resolve: { catalog: wrong } } }),
    ).toThrow(
      new TypeError('resilience.resolve.catalog.profiles.asOf must be a date such as "2026-10-07"; it is "soon".'),
    );
  });
});
