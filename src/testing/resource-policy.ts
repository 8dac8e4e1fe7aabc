import { defined } from "../defined.js";
import type { CompiledPolicy, PolicyInput, PolicyLayer } from "../policy/evaluation/layers.js";
import { parsePolicy } from "../policy/language/document.js";

/**
 * Returns a resource-based policy as an additional policy type that must allow. Without a policy, nothing is allowed.
 */
export function resourceLayer(policy: PolicyInput | undefined, field: string): PolicyLayer {
  if (policy === undefined) return { type: "resource-based-policy", policies: [], provided: true };
  const { name, arn, document } = policy;
  const read = parsePolicy(document, "resource-based-policy", `${field}.document (${name})`);
  const compiled: CompiledPolicy = defined({ name, arn, document: read });
  checkAccepted(compiled);
  return { type: "resource-based-policy", policies: [compiled], provided: true };
}

/** @throws TypeError if AWS would reject the policy */
export function checkAccepted({ name, document }: CompiledPolicy): void {
  const [finding] = document.findings;
  if (finding) throw new TypeError(`AWS would reject the policy ${name}: ${finding.code} at ${finding.path}.`);
}
