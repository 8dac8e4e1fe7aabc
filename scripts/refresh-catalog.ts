import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { readAccount } from "./catalog/account.js";
import { printCatalog } from "./catalog/encode.js";
import { generate, INPUTS, readBundled, writeBundled } from "./catalog/generate.js";
import type { Violation } from "./catalog/guards.js";
import { pagesAt, pagesIn, readModelCards, USER_GUIDE_URL } from "./catalog/model-cards.js";
import { type Observation, printObservation, readObservations, regionsIn } from "./catalog/observation.js";

const USAGE = `Usage: npx tsx scripts/refresh-catalog.ts [options]

Generates the bundled catalog of inference profiles and models from scripts/catalog/inputs.

  --model-cards           First read AWS's model cards. No account is needed.
  --from-directory DIR    Read the model cards from saved pages in DIR: toc-contents.json and model-card-*.md.
  --base-url URL          Read the model cards from URL. The default is ${USER_GUIDE_URL}
  --account               First read the account of the environment's credentials. It needs
                          bedrock:ListInferenceProfiles and bedrock:ListFoundationModels.
  --regions A,B           The Regions to read with --account. The default is every Region in the inputs.
  --date YYYY-MM-DD       The date of what is read. The default is today.
  --out FILE              Write a catalog for the option resolve.catalog to FILE. The bundled catalog and its inputs
                          don't change.
  --accept GUARD          Continue despite changed-destination, lost-profiles, or empty-routes. Profiles without routes
                          are left out. Check the printed list first.
  --help                  Print this text.
`;

const OPTIONS = {
  "model-cards": { type: "boolean" },
  "from-directory": { type: "string" },
  "base-url": { type: "string" },
  account: { type: "boolean" },
  regions: { type: "string" },
  date: { type: "string" },
  out: { type: "string" },
  accept: { type: "string", multiple: true },
  help: { type: "boolean" },
} as const;

/** Where the script reads and writes. A test passes its own directories. */
export interface Environment {
  inputs: string;
  today: string;
  print(line: string): void;
  readBundled: typeof readBundled;
  writeBundled: typeof writeBundled;
  readAccount: typeof readAccount;
}

/** Runs the script. Returns its exit code: 0, 1 if a guard failed, or 64 for wrong usage. */
export async function refreshCatalog(args: string[], environment: Environment): Promise<number> {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    environment.print(`${(error as Error).message}\n\n${USAGE}`);
    return 64;
  }
  if (values.help) {
    environment.print(USAGE);
    return 0;
  }
  const committed = readObservations(environment.inputs);
  const added = await readSources(values, committed, environment);
  const observations = [
    ...committed.filter(({ source }) => !added.some((each) => isSame(each.source, source))),
    ...added,
  ];
  const { catalog, violations } = generate(byDate(observations), environment.readBundled());
  const open = violations.filter(({ guard }) => !values.accept?.includes(guard));
  for (const { guard, message } of violations) environment.print(`${guard}: ${message}`);
  if (open.length > 0) {
    environment.print("Nothing was written. Correct the source, or pass --accept with the guard's name.");
    return 1;
  }
  if (values.out !== undefined) writeFileSync(values.out, printCatalog(catalog));
  else {
    for (const observation of added)
      writeFileSync(inputPath(environment.inputs, observation), printObservation(observation));
    environment.writeBundled(catalog);
  }
  const { profiles, models } = catalog;
  const counts = `${Object.keys(profiles.profiles).length} profiles and ${Object.keys(models.models).length} models`;
  environment.print(`The catalog of ${profiles.asOf} has ${counts}.`);
  return 0;
}

function parse(args: string[]) {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.date !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(values.date)) {
    throw new Error(`--date must be a date such as 2026-10-07; it is ${values.date}.`);
  }
  const guards: readonly string[] = [
    "empty-routes",
    "changed-destination",
    "lost-profiles",
  ] satisfies Violation["guard"][];
  const unknown = values.accept?.find((guard) => !guards.includes(guard));
  if (unknown !== undefined) throw new Error(`--accept must be one of ${guards.join(", ")}; it is ${unknown}.`);
  return values;
}

async function readSources(
  values: ReturnType<typeof parse>,
  committed: readonly Observation[],
  { today, print, readAccount }: Environment,
): Promise<Observation[]> {
  const date = values.date ?? today;
  const added: Observation[] = [];
  const directory = values["from-directory"];
  const baseUrl = values["base-url"];
  if (values["model-cards"] || directory !== undefined || baseUrl !== undefined) {
    const read = directory === undefined ? pagesAt(baseUrl ?? USER_GUIDE_URL) : pagesIn(directory);
    added.push(await readModelCards(read, date));
  }
  if (values.account) {
    const regions = values.regions?.split(",") ?? knownRegions(committed);
    const { observation, unread } = await readAccount(regions, date);
    for (const { region, errorName } of unread) print(`${region} couldn't be read: ${errorName}.`);
    added.push(observation);
  }
  return added;
}

/** Commercial Regions. GovCloud (US) needs its own credentials, so it's read only if it's listed. */
function knownRegions(observations: readonly Observation[]): string[] {
  const routes = observations.flatMap(({ profiles }) => Object.values(profiles).flatMap(({ routes }) => routes));
  const regions = new Set(routes.flatMap(({ from }) => regionsIn(from)));
  return [...regions].filter((region) => !region.startsWith("us-gov-")).sort();
}

const byDate = (observations: readonly Observation[]) =>
  [...observations].sort((a, b) => (a.source.date < b.source.date ? -1 : a.source.date > b.source.date ? 1 : 0));
/** True for the same source, read again. Two scans of one day can be of different accounts, such as one in GovCloud. */
const isSame = (a: Observation["source"], b: Observation["source"]) =>
  a.kind === b.kind && a.date === b.date && a.regions === b.regions;

/** Returns the file of a source. A source that was read before keeps its file. */
function inputPath(inputs: string, { source }: Observation): string {
  const name = `${source.date}-${source.kind === "model-card" ? "model-cards" : source.kind}`;
  for (let count = 1; ; count++) {
    const path = join(inputs, `${name}${count === 1 ? "" : `-${count}`}.data.json`);
    if (!existsSync(path) || isSame((JSON.parse(readFileSync(path, "utf8")) as Observation).source, source))
      return path;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await refreshCatalog(process.argv.slice(2), {
    inputs: INPUTS,
    today: new Date().toISOString().slice(0, 10),
    print: (line) => process.stdout.write(`${line}\n`),
    readBundled,
    writeBundled,
    readAccount,
  });
}
