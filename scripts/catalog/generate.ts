import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CatalogData, ModelData, ProfileData } from "../../src/resolve/catalog-format.js";
import { encode, printModels, printProfiles } from "./encode.js";
import { type Violation, violationsOf } from "./guards.js";
import { merge } from "./merge.js";
import type { Observation } from "./observation.js";

const resolvePath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The committed inputs, from which the bundled catalog is generated. */
export const INPUTS = resolvePath("inputs");
const PROFILES = resolvePath("../../src/resolve/known-profiles.data.json");
const MODELS = resolvePath("../../src/resolve/known-models.data.json");

/** Generates a catalog and checks it against the one that it replaces. */
export function generate(
  observations: readonly Observation[],
  previous: CatalogData | undefined,
): { catalog: CatalogData; violations: Violation[] } {
  const merged = merge(observations);
  const catalog = encode(merged.catalog);
  return { catalog, violations: violationsOf(catalog, merged, previous) };
}

/** The two files of the bundled catalog. The library loads the profiles and the models separately. */
export function bundledFiles({ profiles, models }: CatalogData): { path: string; content: string }[] {
  return [
    { path: PROFILES, content: `${printProfiles(profiles)}\n` },
    { path: MODELS, content: `${printModels(models)}\n` },
  ];
}

/** Reads the bundled catalog as it is committed, or returns undefined if there is none. */
export function readBundled(): CatalogData | undefined {
  if (!existsSync(PROFILES) || !existsSync(MODELS)) return undefined;
  const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
  return { formatVersion: 1, profiles: read(PROFILES) as ProfileData, models: read(MODELS) as ModelData };
}

/** Replaces the bundled catalog. */
export function writeBundled(catalog: CatalogData): void {
  for (const { path, content } of bundledFiles(catalog)) writeFileSync(path, content);
}
