// Stops `npm publish` until the owner has filled in the fields that only the owner can fill in.
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

/** The address in a field: a string, or an object with `url`. */
const addressIn = (field) => (typeof field === "string" ? field : field?.url);

const FIELDS = {
  repository: /^(git\+)?(https|ssh):\/\/\S+$|^(github|gitlab|bitbucket):\S+\/\S+$/,
  homepage: /^https:\/\/\S+$/,
  bugs: /^(https:\/\/\S+|mailto:\S+|\S+@\S+)$/,
};

const missing = Object.keys(FIELDS).filter((name) => !FIELDS[name].test(addressIn(manifest[name]) ?? ""));
for (const name of missing) console.error(`package.json: add "${name}" with its address before you publish.`);
if (missing.length > 0) process.exitCode = 1;
