import type { EvidenceSource } from "../../diagnosis.js";

/** Returns the name of a source. A diagnosis from another process may contain other sources. */
export const sourceName = (source: EvidenceSource): string => (Object.hasOwn(SOURCE, source) ? SOURCE[source] : source);

const SOURCE: Record<EvidenceSource, string> = {
  message: "the error message",
  profile: "the inference profile",
  "foundation-model": "the model's availability",
  policies: "the provided policies",
  identity: "AWS STS",
  organization: "AWS Organizations",
  simulation: "the IAM policy simulator",
  probe: "the probe",
  application: "the application",
};
