import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import * as ours from "../../src/index.js";
import * as offline from "../../src/offline.js";

const REPLACED = ["BedrockRuntime", "BedrockRuntimeClient"];
const ADDED = [
  "DiagnosedError",
  "diagnose",
  "diagnosisOf",
  "fallbackOf",
  "isDiagnosedError",
  "resolveInferenceProfile",
  "withResilience",
];

describe("what the package exports", () => {
  it("every name of the SDK's runtime package with the identical value, except the two classes that we extend", () => {
    const names = Object.keys(sdk).filter(
      (name) => name !== "default" && name !== "module.exports" && !REPLACED.includes(name),
    );
    expect(names.length).toBeGreaterThan(100);
    const [theirs, exported]: Record<string, unknown>[] = [{ ...sdk }, { ...ours }];
    for (const name of names) expect(exported?.[name], name).toBe(theirs?.[name]);
  });

  it("our additional names, and no others", () => {
    const added = Object.keys(ours).filter((name) => !(name in sdk));
    expect(added.sort()).toEqual([...ADDED].sort());
  });

  it("pure functions from an entry point of their own, under no name of the main one", () => {
    expect(Object.keys(offline).sort()).toEqual([
      "REFUSAL_KINDS",
      "authorizationLegs",
      "evaluateAccess",
      "explainRefusal",
      "formatDiagnosis",
      "inferenceProfile",
      "lintPolicy",
      "parseModelId",
      "parseRefusal",
      "policySet",
      "serializeDiagnosedError",
    ]);
    expect(Object.keys(offline).filter((name) => name in ours)).toEqual([]);
  });

  it("classes that equal the SDK's by instanceof, by name, and by aggregated methods", () => {
    const client = new ours.BedrockRuntimeClient({ region: "us-east-1" });
    const aggregated = new ours.BedrockRuntime({ region: "us-east-1" });
    expect(client).toBeInstanceOf(sdk.BedrockRuntimeClient);
    expect(aggregated).toBeInstanceOf(sdk.BedrockRuntime);
    expect(aggregated).toBeInstanceOf(ours.BedrockRuntime);
    expect(aggregated).toBeInstanceOf(ours.BedrockRuntimeClient);
    expect(client).not.toBeInstanceOf(ours.BedrockRuntime);
    expect(new sdk.BedrockRuntimeClient({ region: "us-east-1" })).not.toBeInstanceOf(ours.BedrockRuntimeClient);
    expect([client.constructor.name, aggregated.constructor.name]).toEqual(["BedrockRuntimeClient", "BedrockRuntime"]);
    for (const method of Object.getOwnPropertyNames(sdk.BedrockRuntime.prototype))
      expect(method in aggregated).toBe(true);
  });

  it("classes that an application can extend", () => {
    class Own extends ours.BedrockRuntimeClient {
      readonly own = true;
    }
    const client = new Own({ region: "us-east-1", resilience: { diagnosis: { timeoutMs: 1 } } });
    expect(client.own).toBe(true);
    expect(client).toBeInstanceOf(Own);
    expect(client).toBeInstanceOf(ours.BedrockRuntimeClient);
    expect(new ours.BedrockRuntimeClient({ region: "us-east-1" })).not.toBeInstanceOf(Own);
  });
});

describe("withResilience", () => {
  it("returns the same client, which is then an instance of our class", () => {
    const client = new sdk.BedrockRuntime({ region: "us-east-1" });
    expect(ours.withResilience(client)).toBe(client);
    expect(client).toBeInstanceOf(ours.BedrockRuntimeClient);
    expect(Object.keys(client)).toEqual(Object.keys(new sdk.BedrockRuntime({ region: "us-east-1" })));
  });

  it.each([[undefined], [null], [{}], [{ send: 1 }]])("throws for %j", (value) => {
    expect(() => ours.withResilience(value as never)).toThrow("withResilience needs a BedrockRuntimeClient");
  });

  it("throws for an invalid option immediately, as the constructor does", () => {
    const client = new sdk.BedrockRuntimeClient({ region: "us-east-1" });
    const wrong = { diagnosis: { timeoutMs: -1 } };
    expect(() => ours.withResilience(client, wrong)).toThrow("resilience.diagnosis.timeoutMs");
    expect(() => new ours.BedrockRuntimeClient({ resilience: wrong })).toThrow("resilience.diagnosis.timeoutMs");
    expect(() => new ours.BedrockRuntime({ resilience: wrong })).toThrow("resilience.diagnosis.timeoutMs");
  });
});
