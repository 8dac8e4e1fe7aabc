import { copyFile, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { BUNDLED } from "../../scripts/bundled.js";
import { thirdPartyNotices } from "../../scripts/third-party-notices.js";
import { CONTROL_PLANE, installed, node as nodeIn, pack, ROOT, RUNTIME, remove, run } from "./packed.js";

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let tarball: string;

/** Runs a program in the folder where the packed library is installed, and reads the JSON it prints. */
const node = (...args: string[]): Promise<unknown> => nodeIn(folder, args);

/** The text of each CommonJS file of the build, by its name. */
async function commonJsFiles(): Promise<Map<string, string>> {
  const dist = join(folder, "node_modules/resilient-bedrock/dist");
  const names = (await readdir(dist)).filter((name) => name.endsWith(".cjs"));
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(dist, name), "utf8")] as const)),
  );
}

/** The package as a user gets it: `npm test` has built it, `npm pack` packs it, an empty folder installs it. */
beforeAll(async () => {
  tarball = await pack();
  folder = await installed(tarball, [RUNTIME, CONTROL_PLANE]);
}, 60_000);

afterAll(() => remove(folder, dirname(tarball)));

describe("the packed package, installed into an empty folder", () => {
  it("imports as ESM and as CommonJS, with the same names", async () => {
    const esm = (await node("esm.mjs")) as string[];
    const cjs = (await node("cjs.cjs")) as string[];
    expect(esm).toEqual(cjs);
    expect(esm).toEqual(
      expect.arrayContaining(["BedrockRuntimeClient", "ConverseCommand", "withResilience", "isDiagnosedError"]),
    );
  });

  it("has classes with the SDK's names, which code and logs read from client.constructor", async () => {
    for (const program of ["names.mjs", "names.cjs"]) {
      expect(await node(program)).toEqual(["BedrockRuntimeClient", "BedrockRuntime", "BedrockRuntime"]);
    }
  });

  it("diagnoses a denial, and falls back if the application opted in, from both builds, on the simulated Bedrock of its testing entry", async () => {
    for (const program of ["refused.mjs", "refused.cjs"]) {
      expect(await node(program)).toMatchObject({
        name: "AccessDeniedException",
        blockedRegions: ["us-west-2"],
        same: true,
        fallback: "amazon.nova-pro-v1:0",
      });
    }
  });

  it("reports each source whose package isn't installed, and how to install it", async () => {
    const install = (name: string) => `Not called: @aws-sdk/${name} isn't installed (npm install @aws-sdk/${name}).`;
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
          simulation: "Not called: the caller is unknown (to provide it, pass principalArn to diagnose()).",
          organization: "AWS Organizations wasn't called, because the caller's account is unknown.",
        },
      });
    }
  });

  it.each([
    ["lazy.mjs", [/@aws-sdk\/client-bedrock\/dist/, /resilient-bedrock\/dist\/denied/, /\/p-retry\//]],
    // What CommonJS imports with import() isn't in require.cache. Our own chunks are required.
    ["lazy.cjs", [/resilient-bedrock\/dist\/denied/, /resilient-bedrock\/dist\/ports/]],
  ])("loads no lazy module for a call that succeeds (%s)", async (program, lazy) => {
    const { afterSuccess, afterRefusal } = (await node(program)) as Record<"afterSuccess" | "afterRefusal", string[]>;
    expect(afterSuccess).toEqual([]);
    // The same look finds them after a refusal, so the empty list above means something.
    for (const module of lazy) expect(afterRefusal.join("\n")).toMatch(module);
  });

  it("requires nothing that only import() can load on the oldest supported Node.js", async () => {
    const required = new Set<string>();
    for (const text of (await commonJsFiles()).values()) {
      for (const [, name] of text.matchAll(/require\(["'`]([^."'`][^"'`]*)/g)) required.add(name as string);
    }
    for (const name of required) {
      if (name.startsWith("node:")) continue;
      const manifest = JSON.parse(await readFile(join(ROOT, "node_modules", name, "package.json"), "utf8"));
      expect(manifest.type, name).not.toBe("module");
    }
    expect([...required]).toEqual(expect.arrayContaining([RUNTIME, CONTROL_PLANE, "@aws-sdk/client-iam", "pino"]));
    for (const name of BUNDLED) expect(required).not.toContain(name);
  });

  it("has no import() in the CommonJS build, because Jest's sandbox rejects it", async () => {
    for (const [name, text] of await commonJsFiles()) expect(text, name).not.toMatch(/\bimport\s*\(/);
  });

  it("fails with a few lines if an option is invalid, and doesn't print the whole source", async () => {
    for (const program of ["wrong-option.mjs", "wrong-option.cjs"]) {
      const { message } = await run(process.execPath, ["--no-warnings", program], folder).then(
        () => new Error("did not fail"),
        (error: Error) => error,
      );
      expect(message).toContain(
        "TypeError: Unknown option resilience.diagnosis.timeout. Valid options: enabled, timeoutMs, ",
      );
      // It holds the output twice: Node.js puts stderr into the message of a command that failed.
      expect(message.length).toBeLessThan(6_000);
    }
  });

  it("diagnoses again after a load that failed, such as with too many open files", async () => {
    const program = 'ulimit -n 64 && exec "$0" --no-warnings too-many-files.cjs';
    const printed = JSON.parse(await run("sh", ["-c", program, process.execPath], folder));
    expect(printed).toEqual({ name: "AccessDeniedException", diagnosed: [false, true], profile: "profile-from-api" });
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
      await run(process.execPath, [tsc, ...options, ...types, ...files], folder);
    },
  );

  it("passes publint and arethetypeswrong", async () => {
    const bin = (name: string) => join(ROOT, "node_modules/.bin", name);
    await run(bin("publint"), ["--strict", tarball], ROOT);
    await run(bin("attw"), [tarball], ROOT);
  });

  it("contains the licenses, and no source map, test, or script", async () => {
    const files = (await run("tar", ["tzf", tarball], ROOT)).trim().split("\n");
    const expected = ["LICENSE", "THIRD-PARTY-NOTICES", "README.md", "CHANGELOG.md"].map((name) => `package/${name}`);
    expect(files).toEqual(expect.arrayContaining(expected));
    expect(files.filter((file) => /\/(src|test|bench|examples|scripts)\/|\.map$/.test(file))).toEqual([]);
  });

  it("contains the notices of the packages that its CommonJS build includes (`npm run notices`)", async () => {
    const notices = await readFile(join(folder, "node_modules/resilient-bedrock/THIRD-PARTY-NOTICES"), "utf8");
    expect(notices).toBe(await thirdPartyNotices());
    for (const name of BUNDLED) expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, "m"));
  });
});

describe("publishing", () => {
  const check = async (manifest: object) => {
    const at = await mkdtemp(join(tmpdir(), "manifest-"));
    await writeFile(join(at, "package.json"), JSON.stringify(manifest));
    return run(process.execPath, [join(ROOT, "scripts/check-publishable.mjs")], at).finally(() => remove(at));
  };
  const complete = {
    repository: { type: "git", url: "git+https://git.example.com/team/resilient-bedrock.git" },
    homepage: "https://git.example.com/team/resilient-bedrock",
    bugs: { url: "https://git.example.com/team/resilient-bedrock/issues" },
  };

  it("is stopped until the repository, the homepage, and the address for bugs are filled in", async () => {
    expect(await check(complete)).toBe("");
    await expect(check({})).rejects.toThrow(/add "repository".*\n.*add "homepage".*\n.*add "bugs"/);
    await expect(check({ ...complete, bugs: { url: "" } })).rejects.toThrow('add "bugs"');
    await expect(check({ ...complete, repository: { type: "git", url: "TODO" } })).rejects.toThrow('add "repository"');
  });

  it("runs that check first", async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    expect(scripts.prepublishOnly).toBe("node scripts/check-publishable.mjs");
  });

  it("can be prepared without the development dependencies, as `npm ci --omit=dev` does", async () => {
    const at = await mkdtemp(join(tmpdir(), "clone-"));
    await copyFile(join(ROOT, "scripts/prepare.mjs"), join(at, "prepare.mjs"));
    await run(process.execPath, ["prepare.mjs"], at).finally(() => remove(at));
    expect.assertions(0);
  });
});
