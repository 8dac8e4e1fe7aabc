import { describe, expect, it } from "vitest";
import type { Conclusion } from "../../src/diagnosis.js";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import { leastPrivilege, profileExemption, reDenyInvoke } from "../../src/explain/statements.js";
import { GEOGRAPHIES } from "../../src/policy/lint/probes.js";
import knownProfiles from "../../src/resolve/known-profiles.data.json" with { type: "json" };
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import {
  allow,
  deny,
  except,
  INVOKE,
  model,
  outside,
  policy,
  profile,
  regionDeny,
  US,
  US_REGIONS,
} from "../cases/lint.js";
import { DOCUMENT_ROWS } from "../cases/lint-documents.js";
import { ACCOUNT, MODEL, REGION_DENY } from "../cases/policies.js";

const brief = (document: unknown, options = {}) =>
  lintPolicy(document, options).map(({ severity, code }) => `${severity} ${code}`);

describe("lintPolicy on published policies", () => {
  it.each(DOCUMENT_ROWS)("$says", ({ document, options, findings }) => {
    expect(brief(document, options).sort()).toEqual([...findings].sort());
  });
});

const legsOf = (modelId: string, sourceRegion = "us-east-1", operation = "Converse") => {
  const found = knownProfile(modelId, sourceRegion)?.profile;
  return authorizationLegs({
    operation,
    modelId,
    sourceRegion,
    accountId: ACCOUNT,
    ...(found ? { profile: found } : {}),
  });
};

describe("lintPolicy on the statements that our remedies propose", () => {
  const conclusion = (legs: ReturnType<typeof legsOf>) =>
    ({ legs: legs.map((leg) => ({ leg, verdict: "blocked" })) }) as unknown as Conclusion;
  const calls = [
    `us.${MODEL}`,
    `global.${MODEL}`,
    MODEL,
    `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`,
  ].flatMap((modelId) => ["Converse", "ConverseStream"].map((operation) => ({ modelId, operation })));

  it.each(calls)("least privilege for $operation of $modelId has no finding", ({ modelId, operation }) => {
    const legs = legsOf(modelId, "us-east-1", operation);
    // The models of an application inference profile that wasn't looked up are unknown.
    const statements = leastPrivilege(legs, "us-east-1", !modelId.includes("application-"));
    expect(brief(policy(...statements))).toEqual([]);
  });

  it.each(["us", "global"])("the exemption of %s. profiles has no finding in a Region deny", (prefix) => {
    const exemption = profileExemption(conclusion(legsOf(`${prefix}.${MODEL}`)));
    const { Condition, ...rest } = regionDeny([], {});
    const Region = { StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] } };
    const document = policy({ ...rest, Condition: { ...Condition, ...Region, ...exemption } });
    expect(brief(document)).toEqual([]);
  });

  it.each(["us", "global"])("the second statement for %s. profiles has no finding", (prefix) => {
    const statement = reDenyInvoke(conclusion(legsOf(`${prefix}.${MODEL}`))) ?? {};
    expect(brief(policy(statement))).toEqual([]);
    const region = { StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] } };
    const pair = policy(regionDeny([...INVOKE, "bedrock:CreateModelInvocationJob"], region), statement);
    expect(brief(pair)).toEqual([]);
  });
});

describe("lintPolicy on an exemption of inference profiles", () => {
  const inRegions = (approved: string[], ...exempt: string[]) =>
    policy(deny({ ...outside(...approved), ...except(...exempt) }));

  it.each([
    [["us-east-1"], []],
    [["<approved-region>"], []],
    [["us-east-1", "unspecified"], ["info application-profiles-not-exempt"]],
  ])("reports application inference profiles only if global routing is approved: %j", (approved, expected) => {
    expect(brief(inRegions(approved, US))).toEqual(expected);
  });

  it("reports nothing about other calls if the legs of a call are provided", () => {
    const approved = ["us-east-1", "unspecified"];
    const legs = legsOf(`us.${MODEL}`);
    expect(brief(inRegions(approved, US), { legs })).toEqual([]);
    expect(brief(inRegions(approved, profile("us")), { legs })).toEqual([]);
    expect(brief(inRegions(approved, profile("eu", "eu-west-1"), US), { legs })).toEqual([
      "info exemption-of-one-profile",
    ]);
  });

  it("reports application inference profiles if the call goes through one", () => {
    const found = knownProfile(`us.${MODEL}`, "us-east-1")?.profile;
    const modelId = `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`;
    const application = found && { ...found, type: "APPLICATION" as const, arn: modelId };
    const call = { operation: "Converse", modelId, sourceRegion: "us-east-1", accountId: ACCOUNT };
    const legs = authorizationLegs({ ...call, ...(application ? { profile: application } : {}) });
    expect(brief(inRegions(["us-east-1"], US), { legs })).toContain("info application-profiles-not-exempt");
    expect(brief(inRegions(["us-east-1"], US, modelId), { legs })).toEqual([]);
  });

  it("accepts a placeholder for unknown Regions", () => {
    expect(brief(inRegions(["<approved-region>"], US), { legs: legsOf(`us.${MODEL}`) })).toEqual([]);
  });
});

describe("lintPolicy on models without a profile", () => {
  it.each([
    ["one model", [model("us-east-1")], []],
    ["two models by their IDs", [model("us-east-1"), model("us-east-1", "meta.llama3-3-70b-instruct-v1:0")], []],
    ["all models of a provider", [model("us-east-1", "anthropic.*")], ["info profile-not-allowed"]],
    ["a model in every Region", [model("*")], ["info profile-not-allowed"]],
    [
      "a model in the destination Regions of a profile",
      US_REGIONS.map((region) => model(region)),
      ["warning profile-not-allowed"],
    ],
    ["a model without a Region", [model("us-east-1"), model("")], ["warning profile-not-allowed"]],
  ])("%s", (_, resources, expected) => expect(brief(policy(allow(resources)))).toEqual(expected));
});

describe("lintPolicy with the legs of a call", () => {
  const europe = REGION_DENY("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3").document;

  it("reports exactly the destinations of that call that a Region deny denies", () => {
    const legs = legsOf(`eu.${MODEL}`, "eu-central-1");
    expect(lintPolicy(europe, { legs })).toMatchObject([
      {
        code: "region-deny-cuts-destinations",
        values: [profile("eu", "eu-central-1"), "eu-central-1", "eu-south-1", "eu-south-2"],
        why: `This statement denies eu-south-1 and eu-south-2, destinations of eu.${MODEL} from eu-central-1. If a policy denies any one destination, the whole call fails.`,
      },
    ]);
  });

  it("reports nothing for a profile all of whose destinations are approved", () => {
    expect(lintPolicy(europe, { legs: legsOf("eu.amazon.nova-lite-v1:0", "eu-central-1") })).toEqual([]);
  });

  it("reports the Region-less model of a global profile", () => {
    const [finding] = lintPolicy(europe, { legs: legsOf(`global.${MODEL}`, "eu-central-1") });
    expect(finding).toMatchObject({
      code: "region-deny-cuts-destinations",
      values: [expect.any(String), "eu-central-1", "unspecified"],
    });
    expect(finding?.instead).toContain("inference-profile/global.*");
  });

  it("reports nothing if the call can't start there", () => {
    expect(brief(europe, { legs: legsOf(`us.${MODEL}`, "us-east-1") })).toEqual([]);
  });

  it("doesn't report a missing Allow that depends on the caller", () => {
    const legs = legsOf(`us.${MODEL}`);
    const who = { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/app-*" } };
    const document = policy(allow(profile("us"), who), allow(US_REGIONS.map((region) => model(region))));
    expect(brief(document, { legs })).toEqual([]);
  });
});

describe("the Regions that lintPolicy uses as the usual destinations", () => {
  const ids = Object.entries(knownProfiles.profiles as Record<string, unknown[]>)
    .filter(([, row]) => row[2] !== 1)
    .map(([id]) => id);

  it.each(
    GEOGRAPHIES.flatMap(({ prefix, sources, usual, always }) =>
      sources.map((source) => ({ prefix, source, usual, always: always(source) })),
    ),
  )("$prefix. profiles from $source route there, by the catalog", ({ prefix, source, usual, always }) => {
    const found = ids
      .filter((id) => id.startsWith(`${prefix}.`))
      .map((id) => knownProfile(id, source)?.profile.models.map(({ region }) => region))
      .filter((regions) => regions !== undefined);
    expect(found.length).toBeGreaterThan(0);
    for (const regions of found) expect(regions).toEqual(expect.arrayContaining([...always]));
    // At least one profile routes to all of the usual ones at once.
    expect(found.some((regions) => usual.every((region) => regions.includes(region)))).toBe(true);
  });

  it("no profile serves a model that counts as one without profiles", () => {
    const texts = ids.map((id) => model("us-east-1", `${id.slice(id.indexOf(".") + 1)}*`));
    for (const text of texts) expect(brief(policy(allow(text)))).toEqual(["info profile-not-allowed"]);
  });
});
