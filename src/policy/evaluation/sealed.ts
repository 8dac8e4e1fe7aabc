import type { ContextValue } from "../language/context.js";
import type { PolicyLayer } from "./layers.js";
import type { UnknownContext } from "./request.js";

// Apart from the policy engine, because a client checks its options without loading the engine.

/**
 * Policies that `policySet` validated and compiled. Pass it to `resilience.diagnosis.policies`, `diagnose`, or
 * `evaluateAccess`. Its content is internal.
 */
export interface PolicySet {
  readonly [Symbol.toStringTag]: "PolicySet";
}

/** The policies and context, parsed and validated. */
export interface CompiledPolicies {
  layers: readonly PolicyLayer[];
  context: ReadonlyMap<string, ContextValue>;
  unknownContext: UnknownContext;
  managementAccountId: string | undefined;
  principalArn: string | undefined;
}

/**
 * The property with the compiled policies. `Symbol.for` makes it the same symbol in the ESM and the CommonJS build.
 * Raise the number if the compiled form changes, so that one release rejects the policy sets of another.
 */
const COMPILED = Symbol.for("resilient-bedrock.policy-set.1");

/** Makes an opaque policy set. The compiled policies aren't enumerable, so no log line contains them. */
export function sealed(compiled: CompiledPolicies): PolicySet {
  const set = Object.defineProperty({}, Symbol.toStringTag, { value: "PolicySet" });
  return Object.freeze(Object.defineProperty(set, COMPILED, { value: compiled })) as PolicySet;
}

/** Returns the compiled policies of a policy set, or undefined if the value isn't one. */
export function compiledIn(value: unknown): CompiledPolicies | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as { [COMPILED]?: CompiledPolicies })[COMPILED];
}
