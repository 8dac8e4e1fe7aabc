import { describe, expect, it } from "vitest";
import type { Conclusion } from "../../src/diagnose/evidence.js";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import { leastPrivilege, profileExemption, reDenyInvoke } from "../../src/explain/statements.js";
import { GEOGRAPHIES } from "../../src/policy/lint/probes.js";
import knownProfiles from "../../src/resolve/known-profiles.data.json" with { type: "json" };
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { allow, INVOKE, model, policy, profile, regionDeny, US_REGIONS } from "../cases/lint.js";
import { DOCUMENT_ROWS } from "../cases/lint-documents.js";
import { ACCOUNT, MODEL, REGION_DENY } from "../cases/policies.js";

const brief = (document: unknown, options = {}) =>
  lintPolicy(document, options).map(({ severity, code }) => `${severity} ${code}`);

describe("lintPolicy on policies that are published", () => {
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
    const isKnown = !modelId.includes("application-");
    // Of an application inference profile that was not looked up, the models are unknown.
    const expected = isKnown ? (modelId === MODEL ? ["info profile-not-allowed"] : []) : ["warning models-not-allowed"];
    expect(brief(policy(...leastPrivilege(legs, "us-east-1")))).toEqual(expected);
  });

  it.each(["us", "global"])(
    "the exemption of %s. profiles, in a Region deny, lets their destinations pass",
    (prefix) => {
      const exemption = profileExemption(conclusion(legsOf(`${prefix}.${MODEL}`)));
      const { Condition, ...rest } = regionDeny([], {});
      const Region = { StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] } };
      const document = policy({ ...rest, Condition: { ...Condition, ...Region, ...exemption } });
      const global = prefix === "global" ? [] : ["info unspecified-not-approved"];
      expect(brief(document).sort()).toEqual(["info application-profiles-not-exempt", ...global]);
    },
  );

  it.each(["us", "global"])(
    "the second statement for %s. profiles has no finding but about application profiles",
    (prefix) => {
      const statement = reDenyInvoke(conclusion(legsOf(`${prefix}.${MODEL}`))) ?? {};
      expect(brief(policy(statement))).toEqual(["info application-profiles-not-exempt"]);
      const region = { StringNotEquals: { "aws:RequestedRegion": ["us-east-1"] } };
      const pair = policy(regionDeny([...INVOKE, "bedrock:CreateModelInvocationJob"], region), statement);
      expect(brief(pair)).toEqual(["info application-profiles-not-exempt"]);
    },
  );
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

  it("reports nothing if the call may not even start there", () => {
    expect(brief(europe, { legs: legsOf(`us.${MODEL}`, "us-east-1") })).toEqual([]);
  });

  it("does not call an Allow missing that depends on who calls", () => {
    const legs = legsOf(`us.${MODEL}`);
    const who = { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/app-*" } };
    const document = policy(allow(profile("us"), who), allow(US_REGIONS.map((region) => model(region))));
    expect(brief(document, { legs })).toEqual([]);
  });
});

describe("the Regions that lintPolicy takes for the usual destinations", () => {
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
    const texts = ids.map((id) => model("us-east-1", id.slice(id.indexOf(".") + 1)));
    for (const text of texts) expect(brief(policy(allow(text)))).toEqual(["info profile-not-allowed"]);
  });
});
