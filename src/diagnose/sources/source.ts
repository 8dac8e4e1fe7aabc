import type { AuthorizationLeg } from "../../authorization.js";
import type { Decision, LegEvaluation } from "../../policy/evaluation/evaluate.js";
import type { CallContext } from "../../resolve/call-context.js";
import type { ProfileCatalog } from "../../resolve/profile-catalog.js";
import type { DiagnosisPorts, OptedInPorts } from "../ports.js";
import type { Question } from "../question.js";
import type { SimulatedDecision } from "./simulated.js";

/**
 * A source of evidence. Each one is defined in a file of its own and listed in `sources.ts`. All parts except the name
 * are optional: some sources make no lookup, and some determine no verdict.
 *
 * `Found` are the findings that the source reports, and `Result` is what other modules can read with
 * {@link Results.of}.
 */
export interface Source<Name extends string = string, Found = unknown, Result = unknown> {
  /** The name in the evidence. Sources that call the same service may share a name. */
  readonly name: Name;
  /** The sources whose results the lookup uses. It starts when they have finished. */
  readonly after?: readonly Source[];
  /** Whether the lookup can add something. */
  appliesTo?(question: Question, ports: OptedInPorts): boolean;
  /** Makes the lookup. May report more than once. An error that it throws becomes evidence. */
  read?(reading: Reading, report: Report<Found, Result>): Promise<void>;
  /** What the catalog alone shows, if there is no lookup. */
  readCatalog?(question: Question, catalog: ProfileCatalog, report: Report<Found, Result>): void;
  /** Reports what the question itself shows. */
  readQuestion?(question: Question, report: Report<Found, Result>): void;
  /** Returns what the source reports on one leg, from all results. */
  verdictOn?(leg: AuthorizationLeg, known: LegEvidence): LegReport<Name> | undefined;
  /** Reports what follows from all results together. */
  readResults?(known: LegEvidence, report: Report<Found, unknown>): void;
}

/** The input of a lookup: the question, and the results of earlier lookups. */
export interface Reading {
  question: Question;
  ports: DiagnosisPorts;
  signal: AbortSignal;
  results: Results;
}

/** Receives what a lookup returns. Ignores everything that arrives after the diagnosis has ended. */
export interface Report<Found, Result> {
  /** @param from the source of the finding, if it isn't the one that is read */
  finding(finding: Found, from?: Pick<Source, "name">): void;
  /** Replaces an earlier result of the same source. */
  result(result: Result): void;
  /** Part of the lookup didn't finish in time. */
  incomplete(): void;
}

/** The results of the sources. A failure is recorded as evidence, and isn't a result. */
export class Results {
  readonly #results: ReadonlyMap<object, unknown>;

  constructor(results: ReadonlyMap<object, unknown> = new Map()) {
    this.#results = results;
  }

  of<Result>(source: Source<string, unknown, Result>): Result | undefined {
    return this.#results.get(source) as Result | undefined;
  }

  /** Returns the same results and one more. */
  with<Result>(source: Source<string, unknown, Result>, result: Result | undefined): Results {
    return new Results(new Map([...this.#results, [source, result]]));
  }
}

/** What the verdicts are determined from. */
export interface LegEvidence {
  question: Question;
  results: Results;
  /** The condition keys that the call's input shows. */
  context: CallContext;
  /** The legs that follow from the call's input. */
  planned: readonly AuthorizationLeg[];
  /** Those, and the leg that AWS's message identifies. */
  legs: readonly AuthorizationLeg[];
  /** The leg that AWS's message identifies. */
  deniedLeg: AuthorizationLeg | undefined;
}

/** What one source reports about one leg. */
export interface LegReport<Name extends string = string> {
  verdict: LegEvaluation["verdict"];
  /** False if the source may be wrong here. The verdict then doesn't decide, and is reported as likely. */
  isConclusive: boolean;
  /** The sources, if there is more than one. Policies from several sources are evaluated together. */
  sources?: readonly (Name | "policies" | "organization")[];
  /** The type of policy that decides, if the source reports no more than that. */
  decidedBy?: Decision | undefined;
  evaluation?: LegEvaluation | undefined;
  simulated?: SimulatedDecision | undefined;
}
