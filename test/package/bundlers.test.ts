import { dirname, join } from "node:path";
import commonjsPlugin from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { rollup } from "rollup";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import webpack from "webpack";
import type { LoopbackServer } from "../../src/testing/loopback-server.js";
import { WITH_CONTROL_PLANE, WITH_EVERYTHING, WITH_RUNTIME_ONLY } from "./findings.js";
import { CONTROL_PLANE, installed, node, OPTIONAL, pack, RUNTIME, remove } from "./packed.js";
import { simulatedOrganization } from "./server.js";

// Its types declare the function itself as a property of the module.
const commonjs = commonjsPlugin as unknown as typeof commonjsPlugin.default;

let server: LoopbackServer;
let tarball: string;
/** Applications with the runtime client and: the control plane's, nothing more, every optional package. */
let app: { controlPlane: string; runtimeOnly: string; everything: string };

beforeAll(async () => {
  tarball = await pack();
  app = {
    controlPlane: await installed(tarball, [RUNTIME, CONTROL_PLANE]),
    runtimeOnly: await installed(tarball, [RUNTIME]),
    everything: await installed(tarball, [RUNTIME, ...OPTIONAL]),
  };
  server = await simulatedOrganization();
}, 60_000);

vi.setConfig({ testTimeout: 120_000 });

afterAll(async () => {
  await server.close();
  await remove(dirname(tarball), ...Object.values(app));
});

/** Runs a bundle against the simulated Bedrock. */
const findingsOf = (folder: string, bundle: string) => node(folder, [bundle], { ENDPOINT: server.url });

/** CommonJS packages in an ES module bundle still need `require` for Node's own modules. */
const banner = {
  js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
};
const CJS: BuildOptions = { format: "cjs", outfile: "out/main.cjs" };
const ESM: BuildOptions = { format: "esm", outfile: "out/main.mjs", banner };
const SPLIT: BuildOptions = {
  format: "esm",
  splitting: true,
  outdir: "out/split",
  outExtension: { ".js": ".mjs" },
  banner,
};
const EXTERNAL = ["@aws-sdk/*", "@smithy/*"];

async function bundledByEsbuild(folder: string, options: BuildOptions): Promise<string> {
  const { outputFiles, errors } = await build({
    bundle: true,
    platform: "node",
    target: "node20",
    logLevel: "silent",
    absWorkingDir: folder,
    entryPoints: ["main.mjs"],
    ...options,
  });
  expect([outputFiles, errors]).toEqual([undefined, []]);
  return options.outfile ?? join(options.outdir ?? "", "main.mjs");
}

/** What an output file and those that it imports statically contain. */
function modulesAtStart({ outputs }: Metafile, file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const { inputs = {}, imports = [] } = outputs[file] ?? {};
  const further = imports.filter(({ kind, external }) => kind === "import-statement" && !external);
  return [
    ...Object.keys(inputs),
    ...further.flatMap(({ path }) => modulesAtStart({ outputs } as Metafile, path, seen)),
  ];
}

describe("a bundle by esbuild", () => {
  it.each<[string, BuildOptions]>([
    ["ESM", ESM],
    ["CommonJS", CJS],
    ["split ESM", SPLIT],
    ["ESM, minified, from the SDK's ES modules", { ...ESM, mainFields: ["module", "main"], minify: true }],
    ["ESM, the SDK external", { ...ESM, external: EXTERNAL }],
    ["split ESM, the SDK external", { ...SPLIT, external: EXTERNAL }],
    ["ESM, without pino", { ...ESM, external: ["pino"] }],
  ])("as %s looks up the profile, and reports optional packages that aren't installed", async (_, options) => {
    const bundle = await bundledByEsbuild(app.controlPlane, options);
    expect(await findingsOf(app.controlPlane, bundle)).toEqual(WITH_CONTROL_PLANE);
  });

  it.each<[string, BuildOptions]>([
    ["CommonJS", CJS],
    ["split ESM", SPLIT],
  ])("as %s with every optional package uses all sources", async (_, options) => {
    const bundle = await bundledByEsbuild(app.everything, options);
    expect(await findingsOf(app.everything, bundle)).toEqual(WITH_EVERYTHING);
  });

  it("as split ESM loads nothing at startup that only a denied call needs", async () => {
    const { metafile } = await build({
      ...SPLIT,
      bundle: true,
      platform: "node",
      logLevel: "silent",
      absWorkingDir: app.controlPlane,
      entryPoints: ["main.mjs"],
      metafile: true,
    });
    const modules = modulesAtStart(metafile, "out/split/main.mjs").join("\n");
    expect(modules).toMatch(/resilient-bedrock\/dist\/core/);
    expect(modules).not.toMatch(
      /client-bedrock\/|\/pino\/|\/p-retry\/|resilient-bedrock\/dist\/(catalog|denied|engine|known|layers|lookup|parser|pipeline|ports|preflight)/,
    );
  });

  it("without the control-plane client uses the bundled catalog", async () => {
    const bundle = await bundledByEsbuild(app.runtimeOnly, ESM);
    expect(await findingsOf(app.runtimeOnly, bundle)).toEqual(WITH_RUNTIME_ONLY);
  });
});

it("a bundle by Rollup, with the SDK and pino external, looks up the profile, and reports optional packages that aren't installed", async () => {
  const folder = app.controlPlane;
  const bundle = await rollup({
    input: join(folder, "main.mjs"),
    external: [/^@aws-sdk\//, /^@smithy\//, "pino"],
    plugins: [nodeResolve({ exportConditions: ["node"], preferBuiltins: true }), commonjs()],
    logLevel: "silent",
  });
  await bundle.write({ dir: join(folder, "out/rollup"), format: "es", entryFileNames: "[name].mjs" });
  await bundle.close();
  expect(await findingsOf(folder, "out/rollup/main.mjs")).toEqual(WITH_CONTROL_PLANE);
});

it.each([
  ["import", "./main.mjs"],
  ["require", "./main.cjs"],
])("a bundle by webpack, of an application that uses %s, looks up the profile", async (_, entry) => {
  const folder = app.controlPlane;
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    const output = { path: join(folder, "out/webpack"), filename: "main.cjs" };
    webpack({ context: folder, entry, target: "node20", mode: "none", output }, (error, built) =>
      error ? reject(error) : resolve(built),
    );
  });
  expect(stats?.toJson({ all: false, errors: true }).errors).toEqual([]);
  expect(await findingsOf(folder, "out/webpack/main.cjs")).toEqual(WITH_CONTROL_PLANE);
});
