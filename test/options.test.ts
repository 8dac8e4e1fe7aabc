import { describe, expect, it } from "vitest";
import { type ResilienceOptions, resolveOptions } from "../src/options.js";

describe("options are validated once, into a complete value", () => {
  it("fills in every default", () => {
    expect(resolveOptions()).toEqual({
      diagnosis: { enabled: true, timeoutMs: 2000 },
      resolve: { cacheTtlMs: 3_600_000, client: undefined, bareModels: undefined },
      fallback: undefined,
      retry: { expiredCredentials: true, modelTimeout: 0, modelError: 0, propagation: 0, timeoutMs: 60_000 },
      logger: undefined,
      logSessionNames: false,
      onDiagnosis: undefined,
      onFallback: undefined,
    });
  });

  it("keeps what was provided, and treats undefined as absent", () => {
    const resolved = resolveOptions({ diagnosis: { timeoutMs: 0, enabled: false }, resolve: { cacheTtlMs: 5 } });
    expect(resolved.diagnosis).toEqual({ enabled: false, timeoutMs: 0 });
    expect(resolved.resolve.cacheTtlMs).toBe(5);
    expect(resolveOptions({ diagnosis: undefined } as never).diagnosis.timeoutMs).toBe(2000);
  });

  it("takes console, and any other logger of the SDK's shape", () => {
    expect(resolveOptions({ logger: console }).logger).toBe(console);
  });

  it.each<[unknown, string]>([
    [
      { diagnosis: { timeoutMs: -1 } },
      "resilience.diagnosis.timeoutMs must be a whole number of milliseconds from 0 to 60000; it is -1.",
    ],
    [
      { diagnosis: { timeoutMs: 1.5 } },
      "resilience.diagnosis.timeoutMs must be a whole number of milliseconds from 0 to 60000; it is 1.5.",
    ],
    [{ diagnosis: { timeoutMs: Number.NaN } }, "it is NaN."],
    [{ diagnosis: { timeoutMs: "2000" } }, 'it is "2000".'],
    [{ diagnosis: { enabled: "yes" } }, 'resilience.diagnosis.enabled must be true or false; it is "yes".'],
    [{ diagnosis: [] }, "resilience.diagnosis must be an object; it is an array."],
    [{ diagnosis: null }, "resilience.diagnosis must be an object; it is null."],
    [
      { diagnose: {} },
      "Unknown option resilience.diagnose. Valid options: diagnosis, resolve, fallback, retry, store, logger, logSessionNames, onDiagnosis, onFallback.",
    ],
    [
      { diagnosis: { timeout: 1 } },
      "Unknown option resilience.diagnosis.timeout. Valid options: enabled, timeoutMs, policies, organization, simulation, probe, enforcedGuardrails, guardrailProfiles.",
    ],
    [{ resolve: { cacheTtlMs: 86_400_001 } }, "from 0 to 86400000"],
    [
      { resolve: { client: {} } },
      "resilience.resolve.client must be a BedrockClient, with the method send; it is an object.",
    ],
    [
      { logger: { warn() {} } },
      "resilience.logger must be a pino instance or another logger, with the methods debug, info, warn, error; it is an object.",
    ],
    [{ logger: null }, "it is null."],
    [{ onDiagnosis: 1 }, "resilience.onDiagnosis must be a function; it is 1."],
    [
      { diagnosis: { organization: {} } },
      "resilience.diagnosis.organization must be an object with either credentials or a client; it is an object.",
    ],
    [
      { diagnosis: { organization: { client: {} } } },
      "resilience.diagnosis.organization.client must be an OrganizationsClient, with the method send",
    ],
    [
      { diagnosis: { organization: { credentials: "key" } } },
      "resilience.diagnosis.organization.credentials must be credentials or a provider of them; it is a string.",
    ],
    [
      { store: { get() {} } },
      "resilience.store must be a Keyv or another store, with the methods get, set, delete; it is an object.",
    ],
    [{ fallback: {} }, 'resilience.fallback.to must be "single-region"; it is undefined.'],
    [{ fallback: true }, "resilience.fallback must be an object; it is true."],
    [
      { fallback: { to: "single-region", allowRegions: ["europe"] } },
      'resilience.fallback.allowRegions[0] must be a Region, such as "eu-west-1"; it is "europe".',
    ],
    [{ fallback: { to: "single-region", allowRegions: "eu-west-1" } }, "must be a list of Regions"],
    [
      { fallback: { to: "single-region", models: { "us.amazon.nova-pro-v1:0": "eu.amazon.nova-pro-v1:0" } } },
      'resilience.fallback.models["us.amazon.nova-pro-v1:0"] must be the ID of a foundation model, because a profile routes to several Regions; it is "eu.amazon.nova-pro-v1:0".',
    ],
    [{ fallback: { to: "single-region", remember: 3_600_001 } }, "from 0 to 3600000"],
    [{ retry: { modelTimeout: 6 } }, "resilience.retry.modelTimeout must be a whole number from 0 to 5; it is 6."],
    [{ retry: { expiredCredentials: 1 } }, "resilience.retry.expiredCredentials must be true or false; it is 1."],
    [
      { resolve: { bareModels: "eu" } },
      'resilience.resolve.bareModels must be "geographic", "global", or an object from model IDs to application inference profiles; it is "eu".',
    ],
    [
      { resolve: { bareModels: { m: "us.amazon.nova-pro-v1:0" } } },
      "must be the ID or ARN of an application inference profile",
    ],
    [
      { resolve: { catalog: "catalog.json" } },
      'resilience.resolve.catalog must be the content of a file that scripts/refresh-catalog.ts wrote; it is "catalog.json".',
    ],
    [
      { resolve: { catalog: { formatVersion: 2 } } },
      "resilience.resolve.catalog.formatVersion must be 1, the version that this release reads; it is 2.",
    ],
    ["on", 'resilience must be an object; it is "on".'],
  ])("rejects %j: %s", (options, says) => {
    expect(() => resolveOptions(options as ResilienceOptions)).toThrow(TypeError);
    expect(() => resolveOptions(options as ResilienceOptions)).toThrow(says);
  });

  it("rejects credentials together with a client", () => {
    const both = { credentials: {}, client: { send() {} } } as never;
    expect(() => resolveOptions({ diagnosis: { simulation: both } })).toThrow(
      "resilience.diagnosis.simulation must be an object with credentials or a client, not with both; it is an object.",
    );
    expect(() => resolveOptions({ diagnosis: { organization: both } })).toThrow(
      "resilience.diagnosis.organization must be an object with either credentials or a client; it is an object.",
    );
  });

  it.each<[string, unknown, string]>([
    [
      "an object",
      { diagnosis: { timeoutMs: { apiKey: "hunter2" } } },
      "resilience.diagnosis.timeoutMs must be a whole number of milliseconds from 0 to 60000; it is an object.",
    ],
    [
      "a store's address",
      { store: "redis://user:hunter2@example.com" },
      "resilience.store must be a Keyv or another store, with the methods get, set, delete; it is a string.",
    ],
    [
      "a client's key",
      { resolve: { client: "hunter2" } },
      "resilience.resolve.client must be a BedrockClient, with the method send; it is a string.",
    ],
    [
      "a logger's address",
      { logger: "https://hunter2@example.com" },
      "resilience.logger must be a pino instance or another logger, with the methods debug, info, warn, error; it is a string.",
    ],
    [
      "a session token",
      { diagnosis: { organization: { credentials: "hunter2" } } },
      "resilience.diagnosis.organization.credentials must be credentials or a provider of them; it is a string.",
    ],
  ])("never prints a possible secret: %s", (_, options, message) => {
    expect(() => resolveOptions(options as ResilienceOptions)).toThrow(new TypeError(message));
  });
});
