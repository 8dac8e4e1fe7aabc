import { diagnoseRecorded } from "./call/recorded-denial.js";
import { compose } from "./compose.js";
import type { Diagnosis } from "./diagnosis.js";
import { clientAt } from "./lookup.js";
import { resolveOptions } from "./options.js";
import { denialSettings, type RecordedDenialQuestion } from "./question.js";

/** Explains a denial with the sources that the question opts in to. Null if it isn't a denial. */
export async function diagnoseDenial(question: RecordedDenialQuestion): Promise<Diagnosis | null> {
  const { denial, limits, sources, store } = denialSettings(question);
  const { client, isOwn } = clientAt(question, "diagnose");
  const defaults = resolveOptions();
  const resilience = compose(client, { ...defaults, diagnosis: { ...defaults.diagnosis, ...sources }, store });
  try {
    return await diagnoseRecorded(denial, resilience, limits);
  } finally {
    resilience.destroy();
    if (isOwn) client.destroy();
  }
}
