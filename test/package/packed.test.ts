import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

let folder: string;
let tarball: string;

const npm = (cwd: string, ...args: string[]) => run("npm", args, { cwd, maxBuffer: 1 << 24 });
/** Runs a program in the folder where the packed library is installed, and reads the JSON it prints. */
const node = async (...args: string[]): Promise<unknown> => {
  const { stdout } = await run(process.execPath, ["--no-warnings", ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "" },
  });
  return JSON.parse(stdout);
};

/** The package as a user gets it: `npm test` has built it, `npm pack` packs it, an empty folder installs it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "packed-"));
  const { stdout } = await npm(ROOT, "pack", "--json", "--ignore-scripts", "--pack-destination", folder);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  tarball = join(folder, filename);
  await cp(join(import.meta.dirname, "consumer"), folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const sdk = ["@aws-sdk/client-bedrock-runtime", "@aws-sdk/client-bedrock"].map(
    (name) => `${name}@${devDependencies[name]}`,
  );
  await npm(folder, "install", "--no-audit", "--no-fund", "--prefer-offline", tarball, ...sdk);
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the packed package, installed into an empty folder", () => {
  it("imports as ESM and as CommonJS, with the same names", async () => {
    const esm = (await node("esm.mjs")) as string[];
    const cjs = (await node("cjs.cjs")) as string[];
    expect(esm).toEqual(cjs);
    expect(esm).toEqual(
      expect.arrayContaining(["BedrockRuntimeClient", "ConverseCommand", "withResilience", "parseRefusal"]),
    );
  });

  it("diagnoses a refusal, and falls back where asked to, from both builds, over the simulated Bedrock of its own testing subpath", async () => {
    for (const program of ["refused.mjs", "refused.cjs"]) {
      expect(await node(program)).toMatchObject({
        name: "AccessDeniedException",
        blockedRegions: ["us-west-2"],
        same: true,
        fallback: "amazon.nova-pro-v1:0",
      });
    }
  });

  it("says of each source whose package is not installed that it is not, and how to install it", async () => {
    const install = (name: string) => `Not asked: @aws-sdk/${name} is not installed (npm install @aws-sdk/${name}).`;
    for (const program of ["not-installed.mjs", "not-installed.cjs"]) {
      expect(await node(program)).toEqual({
        name: "AccessDeniedException",
        refused: {
          identity: install("client-iam"),
          simulation: install("client-iam"),
          organization: install("client-organizations"),
        },
        preflight: {
          identity: install("client-sts"),
          simulation: "Not asked: it is not known who calls (diagnose() takes a principalArn).",
          organization: "AWS Organizations was not asked: the caller's account is not known.",
        },
      });
    }
  });

  it.each([
    ["lazy.mjs", [/@aws-sdk\/client-bedrock\/dist/, /resilient-bedrock\/dist\/refused/, /\/p-retry\//]],
    // What is imported from CommonJS by import() does not show in require.cache; our own chunks are required.
    ["lazy.cjs", [/resilient-bedrock\/dist\/refused/, /resilient-bedrock\/dist\/ports/]],
  ])("loads nothing lazy for a call that succeeds (%s)", async (program, lazy) => {
    const { afterSuccess, afterRefusal } = (await node(program)) as Record<"afterSuccess" | "afterRefusal", string[]>;
    expect(afterSuccess).toEqual([]);
    // The same look finds them after a refusal, so the empty list above means something.
    for (const module of lazy) expect(afterRefusal.join("\n")).toMatch(module);
  });

  it("requires nothing that only import() can load on the oldest Node that it claims", async () => {
    const dist = join(folder, "node_modules/resilient-bedrock/dist");
    const required = new Set<string>();
    for (const file of await readdir(dist)) {
      if (!file.endsWith(".cjs")) continue;
      for (const [, name] of (await readFile(join(dist, file), "utf8")).matchAll(/require\(["'`]([^."'`][^"'`]*)/g)) {
        required.add(name as string);
      }
    }
    for (const name of required) {
      if (name.startsWith("node:")) continue;
      const manifest = JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8"));
      expect(manifest.type, name).not.toBe("module");
    }
    expect(required).toContain("@aws-sdk/client-bedrock-runtime");
  });

  it.each(["node16", "bundler"])(
    "type-checks under moduleResolution %s, as ESM and as CommonJS",
    async (resolution) => {
      const module = resolution === "node16" ? "node16" : "esnext";
      const files = resolution === "node16" ? ["types.mts", "types.cts"] : ["types.mts"];
      const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
      const options = [
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--module",
        module,
        "--moduleResolution",
        resolution,
      ];
      const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types"), "--skipLibCheck", "false"];
      await run(process.execPath, [tsc, ...options, ...types, ...files], { cwd: folder }).catch((error) => {
        throw new Error(error.stdout);
      });
    },
  );

  it("is clean by publint and arethetypeswrong", async () => {
    const bin = (name: string) => join(ROOT, "node_modules/.bin", name);
    await run(bin("publint"), ["--strict", tarball], { cwd: ROOT }).catch((error) => {
      throw new Error(error.stdout);
    });
    await run(bin("attw"), [tarball], { cwd: ROOT }).catch((error) => {
      throw new Error(error.stdout);
    });
  });

  it("holds no source map, test or script, and the licence", async () => {
    const { stdout } = await run("tar", ["tzf", tarball]);
    const files = stdout.trim().split("\n");
    expect(files).toEqual(expect.arrayContaining(["package/LICENSE", "package/README.md", "package/CHANGELOG.md"]));
    expect(files.filter((file) => /\/(src|test|bench|examples)\/|\.map$/.test(file))).toEqual([]);
  });
});
