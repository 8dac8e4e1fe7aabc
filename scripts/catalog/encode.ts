import type { CatalogData, ModelData, ProfileData } from "../../src/resolve/catalog-format.js";
import type { MergedCatalog, MergedModel, MergedProfile } from "./merge.js";
import { printRows, regionsOf } from "./observation.js";

const FORMAT_VERSION = 1;

/** Values that rows refer to by index, in the order of their first use. */
class Table<T> {
  readonly values: T[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}

const sorted = <T>(entries: Iterable<[string, T]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** Groups Regions by the same value. */
function regionsBy<T>(entries: Iterable<[string, T]>): [T, string][] {
  const groups = new Map<string, [T, string[]]>();
  for (const [region, value] of sorted(entries)) {
    const key = JSON.stringify(value);
    const group = groups.get(key) ?? [value, []];
    group[1].push(region);
    groups.set(key, group);
  }
  return [...groups.values()].map(([value, regions]) => [value, regionsOf(regions)]);
}

/** Encodes a merged catalog in the form that the library reads. The same catalog always gives the same data. */
export function encode({ sources, profiles, models }: MergedCatalog): CatalogData {
  const asOf = sources.at(-1)?.date ?? "";
  const dated = sources.map(({ date, kind }) => [date, kind]);
  return {
    formatVersion: FORMAT_VERSION,
    profiles: { asOf, sources: dated, ...encodeProfiles(profiles) },
    models: { asOf, sources: dated, ...encodeModels(models) },
  };
}

function encodeProfiles(profiles: ReadonlyMap<string, MergedProfile>) {
  const regionSets = new Table<string>();
  const routes = new Table<number[][]>();
  const rows: Record<string, (number | string)[]> = {};
  for (const [id, { name = "", routes: from, isRetired }] of sorted(profiles)) {
    const groups = regionsBy(from).map(([{ source, destinations }, regions]) => [
      source,
      regionSets.indexOf(regions),
      regionSets.indexOf(destinations),
    ]);
    rows[id] = [routes.indexOf(groups), ...(name || isRetired ? [name] : []), ...(isRetired ? [1] : [])];
  }
  return { regionSets: regionSets.values, routes: routes.values, profiles: rows };
}

function encodeModels(models: MergedCatalog["models"]) {
  const regionSets = new Table<string>();
  const rows: Record<string, (number | string)[][]> = {};
  for (const [id, regions] of sorted(models)) {
    const groups = regionsBy([...regions].map(([region, { source, lifecycle }]) => [region, { source, lifecycle }]));
    const which = (isOnDemand: boolean, among: string) =>
      regionsOf(among.split(" ").filter((region) => (regions.get(region) as MergedModel).isOnDemand === isOnDemand));
    rows[id] = groups.map(([{ source, lifecycle }, among]) => [
      source,
      lifecycle,
      regionSets.indexOf(which(true, among)),
      regionSets.indexOf(which(false, among)),
    ]);
  }
  return { regionSets: regionSets.values, models: rows };
}

const printList = (values: readonly unknown[]) => `[\n${values.map((value) => JSON.stringify(value)).join(",\n")}\n]`;
const printHead = ({ asOf, sources, regionSets }: ProfileData | ModelData) =>
  `"asOf":${JSON.stringify(asOf)},\n"sources":${JSON.stringify(sources)},\n"regionSets":${printList(regionSets)}`;

/** Prints the profiles, one on each line. */
export function printProfiles(data: ProfileData): string {
  return `{\n${printHead(data)},\n"routes":${printList(data.routes)},\n"profiles":${printRows(data.profiles)}\n}`;
}

/** Prints the models, one on each line. */
export function printModels(data: ModelData): string {
  return `{\n${printHead(data)},\n"models":${printRows(data.models)}\n}`;
}

/** Prints a whole catalog, for the option `resolve.catalog`. */
export function printCatalog({ formatVersion, profiles, models }: CatalogData): string {
  return `{\n"formatVersion":${formatVersion},\n"profiles":${printProfiles(profiles)},\n"models":${printModels(models)}\n}\n`;
}
