import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LoopbackServer } from "../../src/testing/loopback-server.js";
import { WITH_CONTROL_PLANE, WITH_EVERYTHING } from "./findings.js";
import { CONTROL_PLANE, installed, OPTIONAL, pack, ROOT, RUNTIME, remove, run } from "./packed.js";
import { simulatedOrganization } from "./server.js";

let server: LoopbackServer;
let tarball: string;

beforeAll(async () => {
  tarball = await pack();
  server = await simulatedOrganization();
}, 60_000);

afterAll(async () => {
  await server.close();
  await remove(dirname(tarball));
});

/** Jest's own defaults, except which file is a test and whether it's transformed. */
const CONFIG = { testRegex: "denied\\.jest\\.cjs$", testEnvironment: "node", transform: {}, watchman: false };

it.each([
  ["looks the profile up, and reports optional packages that aren't installed", [CONTROL_PLANE], WITH_CONTROL_PLANE],
  ["uses all sources with every optional package", OPTIONAL, WITH_EVERYTHING],
])(
  "under Jest, in CommonJS, the library %s",
  async (_, packages, expected) => {
    const folder = await installed(tarball, [RUNTIME, ...packages]);
    const args = [join(ROOT, "node_modules/jest/bin/jest.js"), "--ci", "--no-cache", "--runInBand"];
    const env = { ENDPOINT: server.url, EXPECTED: JSON.stringify(expected) };
    try {
      await run(process.execPath, [...args, "--rootDir", folder, "--config", JSON.stringify(CONFIG)], folder, env);
    } finally {
      await remove(folder);
    }
    expect.assertions(0);
  },
  60_000,
);
