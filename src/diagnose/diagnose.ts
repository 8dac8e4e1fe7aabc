import type { ParsedRefusal } from "../refusal/parse.js";
import { type Concluded, type ConcludedDenial, conclude } from "./conclude.js";
import type { DiagnosedCall } from "./diagnosed-call.js";
import { gather, gatherNothing } from "./gather.js";
import type { DiagnosisPorts } from "./ports.js";
import type { DenialQuestion, Question } from "./question.js";
import { Results } from "./sources/source.js";
import type { GatherLimits } from "./time-limit.js";

/** Gathers and concludes. Takes at most `limits.timeoutMs`, and the time for pure code. */
export async function diagnoseQuestion(
  question: DenialQuestion,
  ports: DiagnosisPorts,
  limits: GatherLimits,
): Promise<ConcludedDenial>;
export async function diagnoseQuestion(
  question: Question,
  ports: DiagnosisPorts,
  limits: GatherLimits,
): Promise<Concluded>;
export async function diagnoseQuestion(
  question: Question,
  ports: DiagnosisPorts,
  limits: GatherLimits,
): Promise<Concluded> {
  return conclude(question, await gather(question, ports, limits));
}

/** The sources that the application opted in to. */
export interface OptedInSources {
  readonly organization?: unknown;
  readonly simulation?: unknown;
  readonly probe?: unknown;
}

/** Concludes from what is known without any lookup, because there is no time for one. */
export function diagnoseWithoutLookups(
  question: DenialQuestion,
  optedIn: OptedInSources,
  limits: GatherLimits,
): ConcludedDenial;
export function diagnoseWithoutLookups(question: Question, optedIn: OptedInSources, limits: GatherLimits): Concluded;
export function diagnoseWithoutLookups(question: Question, optedIn: OptedInSources, limits: GatherLimits): Concluded {
  const { organization, simulation: simulate, probe } = optedIn;
  return conclude(question, gatherNothing(question, { organization, simulate, probe }, limits));
}

/** Returns the conclusion from AWS's message alone, for use if everything else has failed. */
export function concludeFromMessage(call: DiagnosedCall, refusal: ParsedRefusal): ConcludedDenial {
  return conclude({ call, refusal }, { results: new Results(), evidence: [], complete: false, sources: [] });
}
