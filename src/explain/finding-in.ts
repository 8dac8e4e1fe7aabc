import type { Conclusion, Finding } from "../diagnosis.js";

/** Returns the first finding with this code; undefined if there is none. */
export function findingIn<C extends Finding["code"]>(
  evidence: Conclusion["evidence"],
  code: C,
): Extract<Finding, { code: C }> | undefined {
  const found = evidence.find(({ finding }) => finding.code === code);
  return found?.finding as Extract<Finding, { code: C }> | undefined;
}
