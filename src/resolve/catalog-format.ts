/**
 * A catalog of inference profiles and foundation models, as `scripts/refresh-catalog.ts --out` writes it
 * (docs/catalog.md describes each field). Rows are plain arrays, so that a JSON file can be imported as it is.
 */
export interface CatalogData {
  /** The version of this format. This release reads version 1. */
  formatVersion: number;
  profiles: ProfileData;
  models: ModelData;
}

/** The fields that both parts of a catalog have. */
interface Part {
  /** The date of the newest source: `2026-10-07`, or a month if the day is unknown. */
  asOf: string;
  /** `[date, kind]`. The kinds are `scan` (an account), `model-card`, and `documentation`. */
  sources: readonly (readonly string[])[];
  /** Region codes separated by spaces. Rows refer to a set by its index. `*` means every commercial Region. */
  regionSets: readonly string[];
}

/** System-defined inference profiles. */
export interface ProfileData extends Part {
  /** Lists of `[source, source Regions, destination Regions]`, as indexes. */
  routes: readonly (readonly (readonly number[])[])[];
  /** `[routes, name, retired]` by profile ID. `retired` is 1 if newer sources no longer list the profile. */
  profiles: Readonly<Record<string, readonly (number | string)[]>>;
}

/** Foundation models that inference profiles route to. */
export interface ModelData extends Part {
  /** Lists of `[source, lifecycle, on-demand Regions, other Regions]` by model ID. */
  models: Readonly<Record<string, readonly (readonly (number | string)[])[]>>;
}

/** In a set of Regions: every commercial Region, which is the destination of a global profile. */
export const ANYWHERE = "*";

/** The first field of a catalog that this release can't read. */
export interface CatalogProblem {
  /** The path within the catalog: `.profiles.asOf`. */
  path: string;
  value: unknown;
  /** The allowed values. */
  allowed: string;
}

const DATE = /^\d{4}-\d{2}(?:-\d{2})?$/;
const REGION_LIST = /^(?:\*|(?:[a-z0-9]+(?:-[a-z0-9]+)+(?: (?!$)|$))*)$/;

/** Returns the first invalid field of a catalog that an application provides, or undefined if all fields are valid. */
export function catalogProblem(value: unknown): CatalogProblem | undefined {
  for (const [path, found, allowed] of problemsOf(value)) return { path, value: found, allowed };
  return undefined;
}

type Problem = [path: string, value: unknown, allowed: string];

function* problemsOf(value: unknown): Generator<Problem> {
  const { formatVersion, profiles, models } = asFields(value);
  if (!isObject(value)) yield ["", value, "the content of a file that scripts/refresh-catalog.ts wrote"];
  if (formatVersion !== 1) yield [".formatVersion", formatVersion, "1, the version that this release reads"];
  yield* problemsOfPart(profiles, ".profiles");
  yield* problemsOfPart(models, ".models");
  const { routes, profiles: rows } = asFields(profiles);
  if (!isFilledList(routes)) return yield [".profiles.routes", routes, "a list of routes"];
  for (const [at, route] of routes.entries()) {
    if (!isFilledList(route) || !route.every((row) => isRouteOf(asFields(profiles), row))) {
      yield [`.profiles.routes[${at}]`, route, "a list of [source, source Regions, destination Regions], as indexes"];
    }
  }
  if (!isObject(rows)) return yield [".profiles.profiles", rows, "an object from profile IDs to rows"];
  for (const [id, row] of Object.entries(rows)) {
    const path = `.profiles.profiles[${JSON.stringify(id)}]`;
    if (!/^[a-z-]+\../.test(id)) yield [path, id, "the row of a profile ID such as us.amazon.nova-pro-v1:0"];
    if (!Array.isArray(row) || !isIndexOf(routes, row[0])) {
      yield [path, row, "[routes, name, retired] with the index of its routes"];
    }
  }
  yield* problemsOfModels(asFields(models));
}

function* problemsOfPart(part: unknown, path: string): Generator<Problem> {
  const { asOf, sources, regionSets } = asFields(part);
  if (!isObject(part)) return yield [path, part, "an object"];
  if (!isDate(asOf)) yield [`${path}.asOf`, asOf, 'a date such as "2026-10-07"'];
  if (!isFilledList(sources) || !sources.every((source) => Array.isArray(source) && isDate(source[0]))) {
    yield [`${path}.sources`, sources, 'a list of [date, kind] such as ["2026-10-07", "scan"]'];
  }
  if (!Array.isArray(regionSets)) return yield [`${path}.regionSets`, regionSets, "a list of Region codes"];
  const at = regionSets.findIndex((regions) => typeof regions !== "string" || !REGION_LIST.test(regions));
  if (at >= 0)
    yield [`${path}.regionSets[${at}]`, regionSets[at], 'Region codes such as "us-east-1 us-west-2", or "*"'];
}

function* problemsOfModels({ sources, regionSets, models }: Record<string, unknown>): Generator<Problem> {
  if (!isObject(models)) return yield [".models.models", models, "an object from model IDs to rows"];
  for (const [id, rows] of Object.entries(models)) {
    const isRow = (row: unknown) =>
      Array.isArray(row) &&
      isIndexOf(sources, row[0]) &&
      typeof row[1] === "string" &&
      isIndexOf(regionSets, row[2]) &&
      isIndexOf(regionSets, row[3]);
    if (!Array.isArray(rows) || !rows.every(isRow)) {
      const allowed = "a list of [source, lifecycle, on-demand Regions, other Regions]";
      yield [`.models.models[${JSON.stringify(id)}]`, rows, allowed];
    }
  }
}

function isRouteOf({ sources, regionSets }: Record<string, unknown>, row: unknown): boolean {
  if (!Array.isArray(row) || !isIndexOf(sources, row[0])) return false;
  // A profile without a source Region or a destination Region could never be found.
  return [row[1], row[2]].every((at) => isIndexOf(regionSets, at) && (regionSets as unknown[])[at] !== "");
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const asFields = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
const isFilledList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0;
const isDate = (value: unknown) => typeof value === "string" && DATE.test(value);
const isIndexOf = (list: unknown, at: unknown): at is number =>
  Array.isArray(list) && Number.isInteger(at) && (at as number) >= 0 && (at as number) < list.length;
