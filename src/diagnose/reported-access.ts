import type { BareEvidence, Finding } from "../diagnosis.js";

/**
 * Returns what GetFoundationModelAvailability returned, if it reports that the account has access to the model. An
 * error that denies access then contradicts it.
 */
export function reportedAccess(
  evidence: readonly Pick<BareEvidence, "finding">[],
): Extract<Finding, { code: "model-access" }> | undefined {
  for (const { finding } of evidence) {
    if (finding.code !== "model-access") continue;
    const { agreement, authorization, entitlement = "AVAILABLE", region = "AVAILABLE" } = finding;
    const isAvailable = [agreement, entitlement, region].every((each) => each === "AVAILABLE");
    if (isAvailable && authorization === "AUTHORIZED") return finding;
  }
  return undefined;
}
