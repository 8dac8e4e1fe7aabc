import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cell, type MarkdownTable, tablesIn } from "./markdown.js";
import { type Observation, type ObservedModel, type ObservedProfile, regionsOf } from "./observation.js";

/** Where the pages of the Amazon Bedrock User Guide are published. */
export const USER_GUIDE_URL = "https://docs.aws.amazon.com/bedrock/latest/userguide/";

/** Returns the text of a page by its file name. */
export type ReadPage = (name: string) => Promise<string>;

/** Reads pages that were saved in a directory. */
export const pagesIn =
  (directory: string): ReadPage =>
  (name) =>
    readFile(join(directory, name), "utf8");

/** Reads pages from a URL that ends with `/`. */
export const pagesAt =
  (baseUrl: string): ReadPage =>
  async (name) => {
    const response = await fetch(new URL(name, baseUrl));
    if (!response.ok) throw new Error(`${response.url} returned HTTP status ${response.status}.`);
    return response.text();
  };

/** The content of one model card. */
export interface ModelCard {
  profiles: Record<string, ObservedProfile>;
  models: Record<string, ObservedModel[]>;
}

/**
 * Reads every model card that the table of contents lists.
 *
 * @throws Error if a page can't be read, or if most cards have no model ID, which means that their form has changed
 */
export async function readModelCards(read: ReadPage, date: string): Promise<Observation> {
  const names = cardNamesIn(JSON.parse(await read("toc-contents.json")));
  const cards: ModelCard[] = [];
  for (const name of names) cards.push(parseModelCard(await read(name)));
  const filled = cards.filter(({ models }) => Object.keys(models).length > 0);
  if (filled.length * 2 < cards.length || cards.length === 0) {
    throw new Error(`Only ${filled.length} of ${cards.length} model cards have a model ID for bedrock-runtime.`);
  }
  return {
    source: { kind: "model-card", date, title: `Amazon Bedrock User Guide, ${cards.length} model cards` },
    profiles: Object.assign({}, ...cards.map(({ profiles }) => profiles)),
    models: Object.assign({}, ...cards.map(({ models }) => models)),
  };
}

/** Returns the file names of the model cards in a table of contents, as Markdown pages. */
export function cardNamesIn(contents: unknown): string[] {
  return [...new Set(hrefsIn(contents))]
    .filter((href) => /^model-card-[\w.-]+\.html$/.test(href))
    .map((href) => href.replace(/html$/, "md"));
}

function hrefsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(hrefsIn);
  if (typeof node !== "object" || node === null) return [];
  const { href, contents } = node as { href?: unknown; contents?: unknown };
  return [...(typeof href === "string" ? [href] : []), ...hrefsIn(contents)];
}

/** Reads the profiles, their routes, and the Regions of one model card. */
export function parseModelCard(markdown: string): ModelCard {
  const tables = tablesIn(markdown);
  const ids = idsIn(tables);
  const availability = tables.filter(isRuntimeAvailability);
  const profiles: Record<string, ObservedProfile> = {};
  for (const id of ids.profileIds) {
    const routes = id.startsWith("global.") ? globalRoutes(id, tables, availability) : geographicRoutes(id, tables);
    profiles[id] = { routes };
  }
  const lifecycle = /\*\*Model lifecycle:\*\*\s*(\w+)/.exec(markdown)?.[1]?.toUpperCase() ?? "ACTIVE";
  const { onDemand, profileOnly } = regionsOfModel(availability);
  const models = Object.fromEntries(ids.modelIds.map((id) => [id, [{ lifecycle, onDemand, profileOnly }]]));
  return { profiles, models };
}

const titled = (start: string) => (title: string) => title.startsWith(start);
const REGION = /\b[a-z]{2,4}(?:-[a-z]+){1,2}-\d\b/g;
const regionsInText = (text: string): string[] => text.match(REGION) ?? [];

function idsIn(tables: readonly MarkdownTable[]): { modelIds: string[]; profileIds: string[] } {
  const isId = (id: string) => /^[a-z0-9-]+\.[\w.:-]+$/.test(id);
  const listed = (text: string) => text.split(/<br\s*\/?>|,/).map((id) => id.trim());
  const rows = tables.flatMap((table) => table.rows.map((row) => ({ table, row })));
  const runtime = rows.filter(({ table, row }) => cell(table, row, titled("endpoint")) === "bedrock-runtime");
  const idsOf = (column: string) =>
    runtime.flatMap(({ table, row }) => listed(cell(table, row, titled(column)))).filter(isId);
  return { modelIds: idsOf("model id"), profileIds: [...idsOf("geo inference id"), ...idsOf("global inference id")] };
}

/** A card of a model that has both endpoints has a table for each. Profiles exist on bedrock-runtime only. */
function isRuntimeAvailability({ columns, captions }: MarkdownTable): boolean {
  const isAvailability = /^(?:source )?region$/.test(columns[0] ?? "") && columns.some(titled("in-region"));
  const endpoint = captions.findLast((caption) => /bedrock-(?:runtime|mantle)/.test(caption)) ?? "bedrock-runtime";
  return isAvailability && !endpoint.includes("bedrock-mantle");
}

/** A card shows whether a Region is supported with an icon or as text. */
const isSupported = (text: string) => /icon-yes/.test(text) || /^(?:supported|yes)$/i.test(text);

function regionsSupporting(tables: readonly MarkdownTable[], column: (title: string) => boolean): string[] {
  return tables.flatMap((table) =>
    table.rows
      .filter((row) => isSupported(cell(table, row, column)))
      .flatMap((row) => regionsInText(row[0] ?? "").slice(0, 1)),
  );
}

function regionsOfModel(availability: readonly MarkdownTable[]): { onDemand: string; profileOnly: string } {
  const onDemand = new Set(regionsSupporting(availability, titled("in-region")));
  const isRouted = (title: string) => /\b(?:geo|global)\b/.test(title);
  const routed = availability.flatMap(({ columns }) =>
    columns.filter(isRouted).flatMap((column) => regionsSupporting(availability, (title) => title === column)),
  );
  return { onDemand: regionsOf(onDemand), profileOnly: regionsOf(routed.filter((region) => !onDemand.has(region))) };
}

function geographicRoutes(profileId: string, tables: readonly MarkdownTable[]): ObservedProfile["routes"] {
  const table = tables.find(
    ({ columns, captions }) =>
      columns[0] === "source region" && captions.some((text) => idAfter("geo inference id", text) === profileId),
  );
  const sources = new Map<string, string[]>();
  for (const [source = "", destinations = ""] of table?.rows ?? []) {
    const to = regionsOf(regionsInText(destinations));
    if (to !== "") sources.set(to, [...(sources.get(to) ?? []), ...regionsInText(source).slice(0, 1)]);
  }
  return [...sources].map(([to, from]) => ({ from: regionsOf(from), to }));
}

/** The ID in a line such as `Geo inference ID: us.amazon.nova-pro-v1:0`. */
function idAfter(title: string, text: string): string | undefined {
  return text.toLowerCase().startsWith(`${title}:`) ? text.slice(title.length + 1).trim() : undefined;
}

function globalRoutes(
  profileId: string,
  tables: readonly MarkdownTable[],
  availability: readonly MarkdownTable[],
): ObservedProfile["routes"] {
  const details = tables.filter(({ columns }) => columns[0] === "global inference id");
  const listed = details.flatMap(({ rows }) =>
    rows.filter(([id]) => id === profileId).flatMap(([, ...regions]) => regions.flatMap(regionsInText)),
  );
  const from = regionsOf([...listed, ...regionsSupporting(availability, titled("global"))]);
  return from === "" ? [] : [{ from, to: "*" }];
}
