import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BUNDLED } from "./bundled.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The notices of the packages that the CommonJS build contains. Their license, MIT, requires them in every copy. */
export async function thirdPartyNotices(): Promise<string> {
  const notices = await Promise.all([...BUNDLED].sort().map(noticeOf));
  return ["The CommonJS build of this package (dist/*.cjs) contains the packages below.\n", ...notices].join(
    `\n${"-".repeat(80)}\n\n`,
  );
}

async function noticeOf(name: string): Promise<string> {
  const folder = join(ROOT, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no license file.`);
  return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(join(ROOT, "THIRD-PARTY-NOTICES"), await thirdPartyNotices());
}
