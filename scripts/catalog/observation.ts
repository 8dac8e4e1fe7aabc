import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How an observation was made: by calls in an account, or from a page of the Amazon Bedrock User Guide. */
type SourceKind = "scan" | "model-card" | "documentation";

/** The data of one source at one date. The files in `inputs` have this form. */
export interface Observation {
  source: {
    kind: SourceKind;
    /** `2026-10-07`, or a month if the day is unknown. */
    date: string;
    title: string;
    /** Where the data was published, if this project didn't read it itself. */
    origin?: string;
    /** Of a scan: the Regions that were read completely. What a scan doesn't list there didn't exist at its date. */
    regions?: string;
  };
  profiles: Record<string, ObservedProfile>;
  models: Record<string, ObservedModel[]>;
}

export interface ObservedProfile {
  name?: string;
  /** Region codes separated by spaces. `to` is `*` for global profiles. */
  routes: { from: string; to: string }[];
}

/** A model in the Regions where it has the same lifecycle. */
export interface ObservedModel {
  lifecycle: string;
  /** The Regions where the model can be called by its own ID. */
  onDemand: string;
  /** The Regions where the model can be called only through an inference profile. */
  profileOnly: string;
}

export const regionsIn = (text: string): string[] => text.split(" ").filter((region) => region !== "");
export const regionsOf = (regions: Iterable<string>): string => [...new Set(regions)].sort().join(" ");

/** Reads all observations of a directory, the oldest first. */
export function readObservations(directory: string): Observation[] {
  const files = readdirSync(directory)
    .filter((name) => name.endsWith(".data.json"))
    .sort();
  const observations = files.map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Observation);
  return observations.sort((a, b) => (a.source.date < b.source.date ? -1 : a.source.date > b.source.date ? 1 : 0));
}

/** Prints an observation with one profile or model on each line, so that a diff shows what changed. */
export function printObservation({ source, profiles, models }: Observation): string {
  const sections = [
    `"source":${JSON.stringify(source)}`,
    `"profiles":${printRows(profiles)}`,
    `"models":${printRows(models)}`,
  ];
  return `{\n${sections.join(",\n")}\n}\n`;
}

/** Prints an object with one field on each line, sorted by name. */
export function printRows(rows: Readonly<Record<string, unknown>>): string {
  const lines = Object.keys(rows)
    .sort()
    .map((id) => `${JSON.stringify(id)}:${JSON.stringify(rows[id])}`);
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n}`;
}
