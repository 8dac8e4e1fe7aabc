import { diagnoseRecorded } from "./call/recorded-denial.js";
import type { Diagnosis } from "./diagnosis.js";
import { withStatedSources } from "./lookup.js";
import { denialSettings, type RecordedDenialQuestion } from "./question.js";

/** Explains a denial with the sources that the question opts in to. Null if it isn't a denial. */
export async function diagnoseDenial(question: RecordedDenialQuestion): Promise<Diagnosis | null> {
  const { denial, limits, ...stated } = denialSettings(question);
  return withStatedSources(question, stated, (resilience) => diagnoseRecorded(denial, resilience, limits));
}
