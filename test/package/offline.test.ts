import { dirname } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CONTROL_PLANE, installed, node, pack, RUNTIME, remove } from "./packed.js";

vi.setConfig({ testTimeout: 120_000 });

let tarball: string;
/** Applications without and with the SDK. The first one has no other package at all. */
let alone: string;
let withSdk: string;

beforeAll(async () => {
  tarball = await pack();
  alone = await installed(tarball, [], { dependencies: false });
  withSdk = await installed(tarball, [RUNTIME, CONTROL_PLANE]);
}, 60_000);

afterAll(() => remove(alone, withSdk, dirname(tarball)));

const ANSWERS = {
  denial: ["iam-denied", "us-west-2", "service-control-policy"],
  model: "inference-profile",
  verdicts: ["us-east-1 allowed", "us-east-1 allowed", "us-east-2 allowed", "us-west-2 blocked"],
  findings: expect.arrayContaining([expect.any(String)]),
  reports: [true, true, true],
  logged: ["us-west-2"],
};

describe("resilient-bedrock/offline", () => {
  it.each(["offline-main.mjs", "offline.cjs"])(
    "works without the SDK and every other package (%s)",
    async (program) => {
      expect(await node(alone, [program])).toEqual(ANSWERS);
    },
  );

  it("works in a browser's bundle, without polyfills and without a global of Node.js", async () => {
    const { outputFiles } = await build({
      entryPoints: ["offline.mjs"],
      absWorkingDir: alone,
      bundle: true,
      minify: true,
      platform: "browser",
      format: "iife",
      globalName: "application",
      write: false,
      logLevel: "silent",
    });
    // A new context has the globals of the language only.
    const context = createContext({});
    expect(runInContext("typeof process + typeof Buffer + typeof require + typeof setTimeout", context)).toBe(
      "undefined".repeat(4),
    );
    runInContext(outputFiles[0]?.text ?? "", context);
    expect(JSON.parse(runInContext("JSON.stringify(application.answers())", context))).toEqual(ANSWERS);
  });

  it.each(["policy-set.mjs", "policy-set.cjs"])(
    "makes policy sets that the client of the other build accepts (%s)",
    async (program) => {
      expect(await node(withSdk, [program])).toEqual({
        own: ["us-west-2"],
        other: ["us-west-2"],
        verdict: "blocked",
        plain: expect.stringContaining('policySet({ … }) from "resilient-bedrock/offline"'),
      });
    },
  );
});
