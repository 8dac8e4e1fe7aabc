import type { AuthorizationLeg } from "../resolve/legs.js";
import { isNegated, readOperator } from "./condition/condition.js";
import type { Statement } from "./document.js";
import type { PolicyEdit, PolicyStatement } from "./edit.js";
import type { Decision, LegEvaluation } from "./evaluate.js";
import type { Layer } from "./layers.js";
import type { Candidate, Trial } from "./trial.js";

/** One statement that denies, or one layer in which nothing allows, with the legs that it blocks. */
export interface Blocker {
  decision: Decision;
  legs: AuthorizationLeg[];
}

export function blockersIn(evaluations: readonly LegEvaluation[]): Blocker[] {
  const found = new Map<string, Blocker>();
  for (const { leg, verdict, decidedBy, alsoBlockedBy = [] } of evaluations) {
    if (verdict !== "blocked" || !decidedBy) continue;
    for (const decision of [decidedBy, ...alsoBlockedBy]) {
      const { policyType, level, policyName, statementIndex } = decision;
      const key = JSON.stringify([policyType, level, policyName, statementIndex]);
      const blocker = found.get(key) ?? { decision, legs: [] };
      blocker.legs.push(leg);
      found.set(key, blocker);
    }
  }
  return [...found.values()];
}

/** What may be changed so that a blocker no longer blocks its legs, narrowest first. */
export function candidatesFor(
  { decision, legs: blocked }: Blocker,
  layers: readonly Layer[],
  legs: readonly AuthorizationLeg[],
  statements: (legs: readonly AuthorizationLeg[]) => PolicyStatement[],
): Candidate[] {
  const layer = layers.find(({ type, level }) => type === decision.policyType && level === decision.level);
  if (layer === undefined) return [];
  if (decision.denyKind === "implicit") return toAllow(layer, blocked, statements);
  const policy = layer.policies.find(({ name }) => name === decision.policyName);
  const statement = policy?.document.statements[decision.statementIndex ?? -1];
  if (policy === undefined || statement === undefined) return [];
  return toSpare(statement, blocked, legs).map((change) => ({ layer, policy, change }));
}

/** Edits of a Deny, narrowest first. */
function toSpare(
  statement: Statement,
  blocked: readonly AuthorizationLeg[],
  legs: readonly AuthorizationLeg[],
): PolicyEdit[] {
  const edits: PolicyEdit[] = [];
  const { index: statementIndex } = statement;
  const pattern = profilePattern(legs);
  // Of the profile itself the key is absent: it cannot be exempted that way.
  const areRouted = blocked.every(({ inferenceProfileArn }) => inferenceProfileArn !== undefined);
  if (pattern !== undefined && areRouted) {
    edits.push({ edit: "exempt-inference-profiles", statementIndex, pattern });
    const actions = [
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
      "bedrock:CreateModelInvocationJob",
    ];
    if (statement.action?.not) edits.push({ edit: "carve-out-and-re-deny", statementIndex, actions, pattern });
  }
  const regions = [...new Set(blocked.map(({ region }) => region))];
  for (const { key, operator } of statement.conditions) {
    if (key.toLowerCase() !== "aws:requestedregion" || !readOperator(operator).base.startsWith("String")) continue;
    edits.push({
      edit: isNegated(operator) ? "add-regions" : "remove-regions",
      statementIndex,
      operator,
      key,
      regions,
    });
  }
  return edits;
}

/** Edits of a layer in which nothing allows: a statement that allows the legs, or more resources in one that is there. */
function toAllow(
  layer: Layer,
  blocked: readonly AuthorizationLeg[],
  statements: (legs: readonly AuthorizationLeg[]) => PolicyStatement[],
): Candidate[] {
  const [policy] = layer.policies;
  if (policy === undefined) return [];
  const needed = statements(blocked).map((statement) =>
    layer.type === "vpc-endpoint-policy" ? { ...statement, Principal: "*" } : statement,
  );
  const candidates: Candidate[] =
    needed.length > 0 ? [{ layer, policy, change: { edit: "add-statements", statements: needed } }] : [];
  const resources = [...new Set(blocked.map(({ resource }) => resource))];
  for (const each of layer.policies) {
    for (const { index: statementIndex, effect, resource, action } of each.document.statements) {
      const fits =
        effect === "Allow" && resource && !resource.not && !resource.texts.includes("*") && action && !action.not;
      const isAbout = fits && action.texts.some((text) => /^bedrock:/i.test(text));
      if (isAbout)
        candidates.push({ layer, policy: each, change: { edit: "add-resources", statementIndex, resources } });
    }
  }
  return candidates;
}

/** All profiles of the call's geography; of an application inference profile, that one. */
function profilePattern(legs: readonly AuthorizationLeg[]): string | undefined {
  const arn = legs.find(({ stage }) => stage === "profile")?.resource;
  if (arn === undefined) return undefined;
  const found = /^(arn:[^:]+:bedrock):[^:]*:[^:]*:(inference-profile\/[^.]+\.)/.exec(arn);
  return found ? `${found[1]}:*:*:${found[2]}*` : arn;
}

/** Whether an edit lets at least one leg past what blocks it. What doesn't needs no further look. */
export function lifts({ layer, policy, change }: Candidate, { legs, decision }: Blocker, trial: Trial): boolean {
  const { policy: after, applied } = trial.editedPolicy(layer, policy, [{ layer, policy, change }]);
  if (applied.length === 0) return false;
  const policies = layer.policies.map((each) => (each === policy ? after : each));
  if (decision.denyKind === "implicit") {
    return legs.some((leg) => trial.verdict([{ ...layer, policies }], leg) !== "blocked");
  }
  const { statements } = after.document;
  // A Deny that is taken apart stands in more than one statement afterwards.
  const denying = statements.filter(
    ({ effect }, at) => effect === "Deny" && statements[at] !== policy.document.statements[at],
  );
  return legs.some((leg) => denying.every((statement) => trial.outcome(statement, leg) !== "match"));
}
