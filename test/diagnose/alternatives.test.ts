import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnoseQuestion } from "../../src/diagnose/diagnose.js";
import { explain } from "../../src/explain/explain.js";
import { isDiagnosedError } from "../../src/index.js";
import { parseRefusal } from "../../src/refusal/parse.js";
import data from "../../src/resolve/known-profiles.data.json" with { type: "json" };
import * as catalog from "../../src/resolve/known-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import type { ProfileLookup } from "../../src/resolve/resolve.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";
import { UNHURRIED } from "../pace.js";

const { asOf: DATE, knownProfile, knownProfilesOf, knownSourceRegions } = catalog;
const OPUS = "anthropic.claude-opus-5";
const NEWER = "anthropic.claude-haiku-5-5";

const INVALID = "ValidationException: The provided model identifier is invalid.";
const onDemand = (id: string) =>
  `ValidationException: Invocation of model ID ${id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`;
const denied = (id: string) =>
  `AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/App/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:111122223333:inference-profile/${id} because no identity-based policy allows the bedrock:InvokeModel action`;

type Service = (profileId: string, sourceRegion: string) => ProfileLookup;
const at = "2026-11-25T00:00:00.000Z";

/** GetInferenceProfile is denied, so the catalog answers what it lists. */
const deniedService: Service = (id, sourceRegion) => {
  const known = knownProfile(id, sourceRegion);
  const failure = { reason: "denied", at } as const;
  if (known === undefined) return { via: "none", cached: false, failure };
  return { via: "bundled-catalog", cached: false, profile: known.profile, asOf: known.asOf, failure };
};

/** GetInferenceProfile returns these profiles, and no other. */
const serviceWith =
  (profiles: Record<string, string[]>): Service =>
  (id, sourceRegion) => {
    const regions = profiles[id];
    if (regions === undefined) return { via: "none", cached: false, failure: { reason: "not-found", at } };
    const modelId = id.slice(id.indexOf(".") + 1);
    const models = regions.map((region) => {
      const inArn = region === "unspecified" ? "" : region;
      return { arn: `arn:aws:bedrock:${inArn}::foundation-model/${modelId}`, modelId, region };
    });
    return { via: "api", cached: false, asOf: at, profile: { id, type: "SYSTEM_DEFINED", sourceRegion, models } };
  };

async function concludedOf(message: string, modelId: string, sourceRegion: string, service: Service = deniedService) {
  const refusal = parseRefusal(message);
  if (!refusal) throw new Error("The message isn't a denial.");
  const asked: string[] = [];
  const concluded = await diagnoseQuestion(
    { call: { operation: "Converse", modelId, reference: parseModelId(modelId), sourceRegion }, refusal },
    {
      resolveProfile: async (reference, region) => {
        asked.push(reference.id);
        return service(reference.id, region);
      },
      resolveModel: async () => ({ via: "none" }),
      catalog: async () => catalog,
      modelAccess: async () => ({}),
      isUseCaseFilled: async () => true,
      dataRetentionMode: async () => "default",
      callerArn: async () => "arn:aws:sts::111122223333:assumed-role/App/session",
      role: async () => ({ arn: "arn:aws:iam::111122223333:role/App" }),
    },
    { timeoutMs: 10_000, signal: undefined, now: Date.now },
  );
  return { concluded, asked, ids: concluded.conclusion.alternatives.map(({ profileId }) => profileId) };
}

async function diagnosisOf(...about: Parameters<typeof concludedOf>) {
  const { concluded, ...found } = await concludedOf(...about);
  return { ...(await explain(concluded, UNHURRIED)), ...found };
}

const saysOf = ({ evidence }: { evidence: { says: string }[] }) => evidence.map(({ says }) => says).join("\n");

describe("the alternatives of a denied call", () => {
  it("are the union of what the catalog lists and what exists by prefix, each checked with GetInferenceProfile", async () => {
    const service = serviceWith({
      [`apac.${OPUS}`]: ["ap-south-1", "ap-northeast-1", "ap-southeast-1"],
      [`in.${OPUS}`]: ["ap-south-1", "ap-south-2"],
    });
    const { ids, asked, alternatives } = await diagnosisOf(onDemand(OPUS), OPUS, "ap-south-1", service);
    expect(asked.sort()).toEqual([`apac.${OPUS}`, `global.${OPUS}`, `in.${OPUS}`]);
    // Unlike the catalog, the service offers apac. here, and not global.
    expect(ids).toEqual([`in.${OPUS}`, `apac.${OPUS}`]);
    expect(alternatives.every(({ via, asOf }) => via === "api" && asOf === at)).toBe(true);
  });

  it("are in. before global. for Opus 5 in Mumbai, also if GetInferenceProfile is denied", async () => {
    const { ids, summary } = await diagnosisOf(onDemand(OPUS), OPUS, "ap-south-1");
    expect(ids).toEqual([`in.${OPUS}`, `global.${OPUS}`]);
    expect(summary).toContain(`in.${OPUS} and global.${OPUS} (catalog of ${DATE})`);
  });

  it("never contain the profile that was called, whether by ID or ARN", async () => {
    for (const modelId of [`eu.${OPUS}`, `arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.${OPUS}`]) {
      const { ids } = await diagnosisOf(INVALID, modelId, "us-east-1");
      expect(ids).not.toContain(parseModelId(modelId).id.replace(/^.*\//, ""));
      expect(ids).toContain(`global.${OPUS}`);
    }
  });

  it("of a model that the catalog doesn't contain are those that the service returns", async () => {
    const service = serviceWith({ [`us.${NEWER}`]: ["us-east-1", "us-west-2"] });
    const diagnosis = await diagnosisOf(onDemand(NEWER), NEWER, "us-east-1", service);
    expect(diagnosis.ids).toEqual([`us.${NEWER}`]);
    expect(diagnosis.summary).toContain(`us.${NEWER} (GetInferenceProfile)`);
    expect(saysOf(diagnosis)).toContain(
      `The catalog of ${DATE} doesn't contain ${NEWER}, which might be newer than this catalog.`,
    );
  });
});

describe("a model that the catalog doesn't contain", () => {
  it("is reported as possibly newer than the catalog, with the catalog's date", async () => {
    const { summary, ids } = await diagnosisOf(onDemand(NEWER), NEWER, "us-east-1");
    expect(ids).toEqual([]);
    expect(summary).toContain(
      `the catalog of ${DATE} doesn't contain ${NEWER}, which might be newer than this catalog`,
    );
    const unresolved = await diagnosisOf(denied(`us.${NEWER}`), `us.${NEWER}`, "us-east-1");
    expect(saysOf(unresolved)).toContain(
      `The catalog of ${DATE} doesn't contain us.${NEWER}, which might be newer than this catalog.`,
    );
  });

  it("isn't reported that way if AWS itself doesn't know it", async () => {
    const invalid = await diagnosisOf(INVALID, NEWER, "us-east-1");
    expect(saysOf(invalid)).not.toContain("newer");
    const notFound = await diagnosisOf(denied(`us.${NEWER}`), `us.${NEWER}`, "us-east-1", serviceWith({}));
    expect(saysOf(notFound)).not.toContain("newer");
  });

  it("isn't reported that way if the catalog contains it", async () => {
    const diagnosis = await diagnosisOf(denied(`us.${OPUS}`), `us.${OPUS}`, "us-east-1");
    expect(saysOf(diagnosis)).not.toContain("newer");
    // Known, but not from this source Region.
    const elsewhere = await diagnosisOf(denied(`eu.${OPUS}`), `eu.${OPUS}`, "us-east-1");
    expect(saysOf(elsewhere)).not.toContain("newer");
  });
});

const MODELS = [...new Set(Object.keys(data.profiles).map((id) => id.slice(id.indexOf(".") + 1)))];
const REGIONS = [...new Set(Object.keys(data.profiles).flatMap(knownSourceRegions))].sort();

describe("a bare ID without on-demand support", () => {
  it("leads to the IDs that the catalog lists there, the narrowest geography first, for every model and source Region", async () => {
    for (const model of MODELS) {
      for (const region of REGIONS) {
        const listed = knownProfilesOf(model, region).filter(({ likelyRetired }) => !likelyRetired);
        const { ids } = await concludedOf(onDemand(model), model, region);
        expect(ids, `${model} from ${region}`).toEqual(listed.map(({ profile }) => profile.id));
      }
    }
  });

  it("leads a client to the narrowest geography: in. before global. for Opus 5 in Mumbai", async () => {
    const bedrock = new SimulatedBedrock();
    const client = clientOf(bedrock, { diagnosis: { timeoutMs: 10_000 } }, { region: "ap-south-1" });
    const error: unknown = await client
      .send(new ConverseCommand({ modelId: OPUS, messages: [] }))
      .catch((thrown) => thrown);
    client.destroy();
    if (!isDiagnosedError(error)) throw error;
    expect(error.diagnosis.alternatives.map(({ profileId }) => profileId)).toEqual([`in.${OPUS}`, `global.${OPUS}`]);
    expect(error.message.indexOf(`in.${OPUS}`)).toBeLessThan(error.message.indexOf(`global.${OPUS}`));
    expect(error.diagnosis).toMatchObject({ kind: "on-demand-unsupported", legs: [] });
  });

  it.each([
    [
      "apac.anthropic.claude-sonnet-4-6",
      "ap-northeast-1",
      ["jp.anthropic.claude-sonnet-4-6", "global.anthropic.claude-sonnet-4-6"],
    ],
    [`use.${OPUS}`, "us-east-1", [`us.${OPUS}`, `global.${OPUS}`]],
    [`us.${OPUS}`, "ap-southeast-2", [`au.${OPUS}`, `global.${OPUS}`]],
    [
      "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "us-gov-west-1",
      ["us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ],
  ])("an invalid ID leads a client to what its Region offers: %s from %s", async (modelId, region, expected) => {
    const bedrock = new SimulatedBedrock();
    const client = clientOf(bedrock, { diagnosis: { timeoutMs: 10_000 } }, { region });
    const error: unknown = await client.send(new ConverseCommand({ modelId, messages: [] })).catch((thrown) => thrown);
    client.destroy();
    if (!isDiagnosedError(error)) throw error;
    expect(error.diagnosis).toMatchObject({ kind: "invalid-model-id", legs: [], sourceRegion: region });
    expect(error.diagnosis.alternatives.map(({ profileId }) => profileId)).toEqual(expected);
    for (const id of expected) expect(error.message).toContain(id);
  });
});

describe("an ID that Bedrock doesn't accept", () => {
  const prefix = fc.constantFrom("", "us.", "eu.", "apac.", "use.", "US.", "uk.", "us-east-1.");

  it("leads to the IDs that the catalog lists there, the narrowest geography first, with the catalog's date", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...MODELS),
        fc.constantFrom(...REGIONS),
        prefix,
        async (model, region, typed) => {
          const id = `${typed}${model}`;
          const listed = knownProfilesOf(model, region).filter(({ likelyRetired }) => !likelyRetired);
          const expected = listed.map(({ profile }) => profile.id).filter((listedId) => listedId !== id);
          const { ids, summary } = await diagnosisOf(INVALID, id, region);
          expect(ids).toEqual(expected);
          for (const expectedId of expected) expect(summary).toContain(expectedId);
          if (expected.length > 0) expect(summary).toMatch(/catalog of \d{4}-\d{2}/);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("without its version or date leads to the profiles of the models with that name, and the sentence states that", async () => {
    const diagnosis = await diagnosisOf(INVALID, "us.anthropic.claude-sonnet-4-6-v1:0", "us-east-1");
    expect(diagnosis.ids).toEqual(["us.anthropic.claude-sonnet-4-6", "global.anthropic.claude-sonnet-4-6"]);
    expect(saysOf(diagnosis)).toContain(
      "us.anthropic.claude-sonnet-4-6-v1:0 is similar to anthropic.claude-sonnet-4-6. Inference profiles for this source Region:",
    );
  });

  it("that matches no model name causes no lookup of a made-up ID", async () => {
    const { asked, ids } = await diagnosisOf(INVALID, "Not A Model", "us-east-1");
    expect([asked, ids]).toEqual([[], []]);
  });
});

describe("a sentence that is based on the catalog", () => {
  it.each([
    [onDemand(OPUS), OPUS, "ap-south-1"],
    [onDemand(NEWER), NEWER, "us-east-1"],
    [INVALID, `us.${OPUS}`, "eu-west-1"],
    [INVALID, "us.anthropic.claude-sonnet-4-6-v1:0", "us-east-1"],
    [denied(`us.${OPUS}`), `us.${OPUS}`, "us-east-1"],
    [denied(`us.${NEWER}`), `us.${NEWER}`, "us-east-1"],
    [denied(`global.${OPUS}`), `global.${OPUS}`, "us-east-1"],
  ])("states its date: %s", async (message, modelId, sourceRegion) => {
    const { summary, evidence, remedies } = await diagnosisOf(message, modelId, sourceRegion);
    const sentences = [summary, ...evidence.map(({ says }) => says), ...remedies.flatMap(({ steps }) => steps)];
    const about = sentences.filter(
      (sentence) => /\bcatalog\b(?! of the| says)/.test(sentence) && !sentence.includes("console"),
    );
    expect(about.length).toBeGreaterThan(0);
    for (const sentence of about) expect(sentence).toMatch(/catalog of \d{4}-\d{2}/);
  });
});
