import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

export const ROOT = join(import.meta.dirname, "../..");
export const RUNTIME = "@aws-sdk/client-bedrock-runtime";
export const CONTROL_PLANE = "@aws-sdk/client-bedrock";
/** What an application may install in addition. */
export const OPTIONAL = [
  CONTROL_PLANE,
  "@aws-sdk/client-iam",
  "@aws-sdk/client-organizations",
  "@aws-sdk/client-sts",
  "@opentelemetry/api",
];

const exec = promisify(execFile);

/** Runs a program; rejects with what it printed. */
export async function run(file: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { cwd, env: { PATH: process.env.PATH, ...env }, maxBuffer: 1 << 24 };
  try {
    return (await exec(file, args, options)).stdout;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  }
}

/** Runs a program of Node.js, and reads the JSON that it prints. */
export async function node<T = unknown>(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<T> {
  return JSON.parse(await run(process.execPath, ["--no-warnings", ...args], cwd, env));
}

/** The package as `npm pack` packs it; `npm test` has built it. The caller removes its folder. */
export async function pack(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tarball-"));
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [{ filename }] = JSON.parse(await run("npm", args, ROOT, { HOME: process.env.HOME })) as [{ filename: string }];
  return join(folder, filename);
}

/**
 * An application that installed the packed package and these others. Without a network: what is installed in the
 * repository is linked. What isn't linked here can't be found from here. The caller removes the folder.
 */
export async function installed(
  tarball: string,
  packages: string[],
  { dependencies: withDependencies = true } = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "packed-"));
  const own = join(folder, "node_modules/resilient-bedrock");
  await mkdir(own, { recursive: true });
  await run("tar", ["xzf", tarball, "-C", own, "--strip-components=1"], folder);
  const { dependencies } = JSON.parse(await readFile(join(own, "package.json"), "utf8"));
  for (const name of [...(withDependencies ? Object.keys(dependencies) : []), ...packages]) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), link);
  }
  await cp(join(import.meta.dirname, "consumer"), folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  return folder;
}

export const remove = (...folders: string[]) =>
  Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
