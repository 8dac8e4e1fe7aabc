import type { EvaluationResult, ResourceSpecificResult } from "@aws-sdk/client-iam";
import { defined } from "../defined.js";
import type { SimulatedDecision, SimulationRequest } from "../diagnose/sources/simulated.js";
import { MalformedAnswer } from "../resolve/lookup-failure.js";

const DECISIONS: readonly string[] = ["allowed", "explicitDeny", "implicitDeny"];

/** Returns the decisions that another process received, if their format is valid. */
export function decisionsOf(stored: unknown, count: number): SimulatedDecision[] | undefined {
  const isFlag = (value: unknown) => value === undefined || typeof value === "boolean";
  const isDecision = (each: Partial<SimulatedDecision>) => {
    const { decision = "", allowedByOrganizations, allowedByBoundary, missingContextKeys = [] } = each ?? {};
    const areKeys = Array.isArray(missingContextKeys) && missingContextKeys.every((key) => typeof key === "string");
    return DECISIONS.includes(decision) && isFlag(allowedByOrganizations) && isFlag(allowedByBoundary) && areKeys;
  };
  return Array.isArray(stored) && stored.length === count && stored.every(isDecision) ? stored : undefined;
}

/**
 * Returns the decision for each resource. The result's own resource name is a template, and its decision covers all
 * resources together.
 */
export function decisionsIn(
  results: EvaluationResult[],
  { action, resources }: SimulationRequest,
): SimulatedDecision[] {
  const own = new Map<string | undefined, SimulatorResult>();
  for (const result of results) {
    if (result?.EvalActionName?.toLowerCase() !== action.toLowerCase()) {
      throw new MalformedAnswer("SimulatePrincipalPolicy returned another action.");
    }
    for (const specific of result.ResourceSpecificResults ?? []) {
      const { EvalResourceName: name, EvalResourceDecision: decision } = specific;
      if ((own.get(name)?.specific.EvalResourceDecision ?? decision) !== decision) {
        throw new MalformedAnswer(`SimulatePrincipalPolicy returned two decisions for ${name}.`);
      }
      own.set(name, { result, specific });
    }
  }
  return resources.map((resource) => simulatorDecision(own.get(resource), resource));
}

interface SimulatorResult {
  result: EvaluationResult;
  specific: ResourceSpecificResult;
}

function simulatorDecision(evaluated: SimulatorResult | undefined, resource: string): SimulatedDecision {
  const { result, specific } = evaluated ?? {};
  const decision = specific?.EvalResourceDecision;
  if (decision === undefined || !DECISIONS.includes(decision)) {
    throw new MalformedAnswer(`SimulatePrincipalPolicy returned no decision for ${resource}.`);
  }
  const byOrganizations = result?.OrganizationsDecisionDetail?.AllowedByOrganizations;
  const byBoundary = specific?.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary;
  const missing = [...new Set([...(result?.MissingContextValues ?? []), ...(specific?.MissingContextValues ?? [])])];
  return {
    decision,
    ...defined({
      allowedByOrganizations: byOrganizations,
      allowedByBoundary: byBoundary,
      missingContextKeys: missing.length > 0 ? missing : undefined,
    }),
  };
}
