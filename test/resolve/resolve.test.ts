import { describe, expect, it, vi } from "vitest";
import * as catalog from "../../src/resolve/known-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import type { InferenceProfile } from "../../src/resolve/profile-source.js";
import { ProfileResolver, type ProfileResolverOptions } from "../../src/resolve/resolve.js";

const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const US = `us.${MODEL}`;
const PROFILE_ARN = `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`;
const APPLICATION = "abc123def456";
const never = new AbortController().signal;

const answer = (sourceRegion: string, regions = ["us-east-1"]): InferenceProfile => ({
  id: US,
  type: "SYSTEM_DEFINED",
  sourceRegion,
  models: regions.map((region) => ({
    arn: `arn:aws:bedrock:${region}::foundation-model/${MODEL}`,
    modelId: MODEL,
    region,
  })),
});

function resolverWith(
  lookUp: ProfileResolverOptions["source"]["lookUp"],
  options: Partial<ProfileResolverOptions> = {},
) {
  const spy = vi.fn(lookUp);
  const load = vi.fn(async () => catalog);
  const resolver = new ProfileResolver({
    source: { lookUp: spy },
    catalog: load,
    cacheTtlMs: 1_000,
    timeoutMs: 1_000,
    ...options,
  });
  const resolve = (id = US, region = "us-east-1", signal = never) => resolver.resolve(parseModelId(id), region, signal);
  return { resolver, resolve, lookUp: spy, load };
}

describe("ProfileResolver", () => {
  it("uses the API's answer, and doesn't load the catalog for it", async () => {
    const { resolve, load } = resolverWith(async (_, region) => answer(region));
    expect(await resolve()).toMatchObject({ via: "api", cached: false, profile: { id: US } });
    expect(await resolve()).toMatchObject({ via: "api", cached: true });
    expect(load).not.toHaveBeenCalled();
  });

  it("keeps answers separate by source Region", async () => {
    const { resolve, lookUp } = resolverWith(async (_, region) => answer(region, [region]));
    expect((await resolve(US, "us-east-1")).profile?.models[0]?.region).toBe("us-east-1");
    expect((await resolve(US, "us-west-2")).profile?.models[0]?.region).toBe("us-west-2");
    expect(lookUp).toHaveBeenCalledTimes(2);
  });

  it("returns copies: a change by one caller doesn't affect the next", async () => {
    const { resolve } = resolverWith(async (_, region) => answer(region));
    (await resolve()).profile?.models.pop();
    expect((await resolve()).profile?.models).toHaveLength(1);
  });

  it.each([
    ["denied", Object.assign(new Error(), { name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } })],
    ["throttled", Object.assign(new Error(), { name: "ThrottlingException" })],
    ["bad-credentials", Object.assign(new Error(), { name: "CredentialsProviderError" })],
    ["unreachable", Object.assign(new Error(), { code: "ENOTFOUND" })],
    ["unreachable", new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) })],
    ["timeout", Object.assign(new Error(), { $metadata: { httpStatusCode: 504 } })],
    ["other", "a text that was thrown"],
  ])("uses the catalog if the API fails, and returns the reason: %s", async (reason, thrown) => {
    const { resolve } = resolverWith(() => Promise.reject(thrown));
    const lookup = await resolve();
    expect(lookup).toMatchObject({ via: "bundled-catalog", asOf: "2026-10-07", failure: { reason } });
    expect(lookup.profile?.models).toHaveLength(3);
  });

  it("uses the answer of the service that a profile doesn't exist: an older list doesn't override it", async () => {
    const gone = Object.assign(new Error(), { name: "ResourceNotFoundException" });
    const { resolve } = resolverWith(() => Promise.reject(gone));
    expect(await resolve()).toMatchObject({ via: "none", failure: { reason: "not-found" } });
  });

  it.each([
    ["nothing", undefined],
    ["no models", { ...answer("us-east-1"), models: [] }],
    ["a model without an ARN", { ...answer("us-east-1"), models: [{ modelId: MODEL, region: "us-east-1" }] }],
    ["another Region's answer", answer("eu-west-1")],
    [
      "a Region that its ARN contradicts",
      { ...answer("us-east-1"), models: [{ ...answer("us-east-1").models[0], region: "us-west-2" }] },
    ],
    ["another profile", { ...answer("us-east-1"), id: "us.amazon.nova-pro-v1:0" }],
    ["another type of profile", { ...answer("us-east-1"), type: "APPLICATION" }],
    ["no type", { ...answer("us-east-1"), type: undefined }],
    ["another profile's ARN", { ...answer("us-east-1"), arn: `${PROFILE_ARN}x` }],
    ["another Region's ARN", { ...answer("us-east-1"), arn: PROFILE_ARN.replace("us-east-1", "us-west-2") }],
    ["no ARN where one should be", { ...answer("us-east-1"), arn: "text" }],
    [
      "a model that isn't one of Bedrock's",
      {
        ...answer("us-east-1"),
        models: [{ arn: `arn:aws:s3:us-east-1::${MODEL}`, modelId: MODEL, region: "us-east-1" }],
      },
    ],
  ])("rejects %s as malformed", async (_, wrong) => {
    const { resolve } = resolverWith(async () => wrong as InferenceProfile);
    expect(await resolve()).toMatchObject({ via: "bundled-catalog", failure: { reason: "malformed" } });
  });

  const applicationArn = (account: string) =>
    `arn:aws:bedrock:us-east-1:${account}:application-inference-profile/${APPLICATION}`;
  const application = (account: string) =>
    ({ ...answer("us-east-1"), id: APPLICATION, type: "APPLICATION", arn: applicationArn(account) }) as const;

  it.each<[string, string, InferenceProfile, "api" | "none" | "bundled-catalog"]>([
    ["a system profile by id, with the caller's ARN", US, { ...answer("us-east-1"), arn: PROFILE_ARN }, "api"],
    [
      "the same by another account's ARN",
      PROFILE_ARN.replace("1111", "9999"),
      { ...answer("us-east-1"), arn: PROFILE_ARN },
      "api",
    ],
    ["an application profile by id", APPLICATION, application("111122223333"), "api"],
    ["the same by ARN", applicationArn("111122223333"), application("111122223333"), "api"],
    ["another account's, which shares it", applicationArn("999922223333"), application("999922223333"), "api"],
    ["one's own in place of another account's", applicationArn("999922223333"), application("111122223333"), "none"],
    ["an application profile in place of a system profile", US, application("111122223333"), "bundled-catalog"],
  ])("matches the requested profile: %s", async (_, id, found, via) => {
    const { resolve } = resolverWith(async () => found);
    expect((await resolve(id)).via).toBe(via);
  });

  it("ends with its caller's signal, and works without a catalog", async () => {
    const broken = async () => Promise.reject(new Error("not bundled"));
    const { resolve } = resolverWith(() => new Promise(() => {}), { catalog: broken });
    expect(await resolve(US, "us-east-1", AbortSignal.timeout(20))).toMatchObject({
      via: "none",
      failure: { reason: "timeout" },
    });
  });

  it("makes no request for an ID that isn't a profile", async () => {
    const { resolve, lookUp } = resolverWith(async (_, region) => answer(region));
    expect(await resolve(MODEL)).toEqual({ via: "none", cached: false });
    expect(lookUp).not.toHaveBeenCalled();
  });

  it("keeps an error's name only if it's a name, and never its text", async () => {
    const planted = Object.assign(new Error("secret text"), { name: "secret name with spaces" });
    const { resolve } = resolverWith(() => Promise.reject(planted));
    expect(JSON.stringify(await resolve())).not.toContain("secret");
  });
});
