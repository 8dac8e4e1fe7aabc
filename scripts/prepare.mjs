// npm runs this in a clone: after `npm ci`, and when a package is installed from a Git repository, which has no dist.
// Without the development dependencies, a build isn't possible, so this does nothing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const tsdown = at("node_modules/tsdown/dist/run.mjs");

if (!existsSync(at("dist/index.mjs")) && existsSync(tsdown)) {
  const { status } = spawnSync(process.execPath, [tsdown], { cwd: at("."), stdio: "inherit" });
  process.exitCode = status ?? 1;
}
