import type { BareEvidence } from "../diagnosis.js";
import type { ProfileCatalog } from "../resolve/profile-catalog.js";
import type { OptedInPorts } from "./ports.js";
import type { Question } from "./question.js";
import { type Report, Results, type Source } from "./sources/source.js";
import { type EvidenceSource, type Finding, SOURCES } from "./sources.js";

/** A source as `sources.ts` lists it. */
export type ListedSource = Source<EvidenceSource, Finding>;

/** What the sources returned. */
export interface Gathered {
  results: Results;
  evidence: BareEvidence[];
  /** False if the deadline or the caller's abort signal ended a lookup. */
  complete: boolean;
  /** The sources whose lookups could add something, whether or not they were made. */
  sources: readonly ListedSource[];
}

/** Returns the sources that can add something to a question, and what the question itself shows. */
export function beforeLookups(question: Question, ports: OptedInPorts, now: () => number): Gathered {
  const sources = SOURCES.filter((source) => source.appliesTo?.(question, ports));
  const gathered: Gathered = { results: new Results(), evidence: [], complete: true, sources };
  for (const source of SOURCES) source.readQuestion?.(question, reportInto(gathered, source, now));
  return gathered;
}

/** Returns what the question and the catalog show, without any lookup. */
export function fromCatalog(question: Question, catalog: ProfileCatalog, now: () => number): Gathered {
  const gathered = beforeLookups(question, {}, now);
  for (const source of gathered.sources) source.readCatalog?.(question, catalog, reportInto(gathered, source, now));
  return gathered;
}

/**
 * Returns the report that adds what a source returns to the gathered results.
 *
 * @param begun when its lookup started. Without a lookup, the source takes no time
 */
export function reportInto(
  gathered: Gathered,
  source: ListedSource,
  now: () => number,
  begun?: number,
): Report<Finding, unknown> {
  return {
    finding(finding, from = source) {
      const name = from.name as EvidenceSource;
      // A missing package is reported once, however many lookups need it.
      if (finding.code === "source-not-installed" && isRecorded(gathered.evidence, name, finding.code)) return;
      const time = now();
      const durationMs = begun === undefined ? 0 : time - begun;
      gathered.evidence.push({ source: name, finding, at: new Date(time).toISOString(), durationMs });
    },
    result(result) {
      gathered.results = gathered.results.with(source, result);
    },
    incomplete() {
      gathered.complete = false;
    },
  };
}

const isRecorded = (evidence: readonly BareEvidence[], source: EvidenceSource, code: Finding["code"]) =>
  evidence.some((piece) => piece.source === source && piece.finding.code === code);
