import type { PolicyType } from "../refusal/kinds.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import { isNegated, readOperator } from "./condition/condition.js";
import { parsePolicy, type Statement } from "./document.js";
import { applyEdit, diffJson, type JsonPatch, type PolicyEdit, type PolicyStatement } from "./edit.js";
import { type Decision, type EvaluationContext, evaluateLeg, type LegEvaluation } from "./evaluate.js";
import { type Guard, guardsOf } from "./guards.js";
import type { CompiledPolicy, Layer } from "./layers.js";

/** An edit, and the document that it changes. */
export interface PlacedEdit {
  policyType: PolicyType;
  policyName: string;
  policyArn?: string;
  level?: string;
  change: PolicyEdit;
  /** The change of the document, as a JSON Patch (RFC 6902). */
  diff: JsonPatch[];
}

/** Edits that were tried together. */
export interface TriedRemedy {
  edits: PlacedEdit[];
  /** True where every leg is allowed afterwards, and every guard request that was denied still is. */
  verified: boolean;
  /** What was denied before and is not any more. */
  opens: Guard["what"][];
  /** How many legs are still blocked. */
  blocked: number;
  /** How many legs are neither allowed nor blocked, as far as the policies at hand show. */
  unknown: number;
}

/** More combinations are not tried: that many policies that block at once are nobody's to mend in one go. */
const MOST_COMBINATIONS = 200;
const MOST_SHOWN = 6;

interface Candidate {
  layer: Layer;
  policy: CompiledPolicy;
  change: PolicyEdit;
}

/**
 * Looks for edits after which the call is allowed. Whatever blocks is mended at once, since two policies may block the same
 * leg; each combination is applied, and all legs and guard requests are evaluated again. Best first: verified, then those
 * that open least.
 *
 * @param statements what would allow exactly these legs, for layers in which nothing allows them
 */
export function searchRemedies(
  layers: readonly Layer[],
  legs: readonly AuthorizationLeg[],
  known: EvaluationContext,
  statements: (legs: readonly AuthorizationLeg[]) => PolicyStatement[],
): TriedRemedy[] {
  const evaluations = legs.map((leg) => evaluateLeg(layers, leg, known));
  const blockers = blockersIn(evaluations);
  if (blockers.length === 0) return [];
  const choices = blockers.map((blocker) => candidatesFor(blocker, layers, legs, statements));
  const guards = guardsOf(legs, regionsNamedIn(layers));
  const tried = combinations(choices).map((combination) => tryOut(combination, layers, legs, guards, known));
  const unique = new Map(
    tried.filter(({ edits }) => edits.length > 0).map((remedy) => [JSON.stringify(remedy.edits), remedy]),
  );
  const before = evaluations.filter(({ verdict }) => verdict === "blocked").length;
  const useful = [...unique.values()].filter(({ blocked }) => blocked < before);
  return useful.sort(byMerit).slice(0, MOST_SHOWN);
}

const byMerit = (a: TriedRemedy, b: TriedRemedy) =>
  Number(b.verified) - Number(a.verified) ||
  a.blocked - b.blocked ||
  a.opens.length - b.opens.length ||
  a.edits.length - b.edits.length;

/** The Regions that stand in conditions on `aws:RequestedRegion`, without wildcards: as many as a list may have to be shown. */
function regionsNamedIn(layers: readonly Layer[]): string[] {
  const statements = layers.flatMap(({ policies }) => policies.flatMap(({ document }) => document.statements));
  const conditions = statements.flatMap((statement) => statement.conditions);
  const values = conditions.flatMap(({ key, values }) => (key.toLowerCase() === "aws:requestedregion" ? values : []));
  return [...new Set(values)].filter((region) => /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)).slice(0, 20);
}

/** One statement that denies, or one layer in which nothing allows, with the legs that it blocks. */
interface Blocker {
  decision: Decision;
  legs: AuthorizationLeg[];
}

function blockersIn(evaluations: readonly LegEvaluation[]): Blocker[] {
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

function candidatesFor(
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

/** One candidate for each blocker, in every way; a blocker without candidates leaves nothing to try. */
function combinations(choices: readonly Candidate[][]): Candidate[][] {
  let all: Candidate[][] = [[]];
  for (const candidates of choices) {
    all = all
      .flatMap((combination) => candidates.map((candidate) => [...combination, candidate]))
      .slice(0, MOST_COMBINATIONS);
  }
  return all;
}

function tryOut(
  combination: readonly Candidate[],
  layers: readonly Layer[],
  legs: readonly AuthorizationLeg[],
  guards: readonly Guard[],
  known: EvaluationContext,
): TriedRemedy {
  const edits: PlacedEdit[] = [];
  const changed = layers.map((layer) => ({
    ...layer,
    policies: layer.policies.map((policy) => {
      const own = combination.filter((candidate) => candidate.layer === layer && candidate.policy === policy);
      return own.length > 0 ? edited(layer, policy, own, edits) : policy;
    }),
  }));
  const after = legs.map((leg) => evaluateLeg(changed, leg, known));
  const blocked = after.filter(({ verdict }) => verdict === "blocked").length;
  const unknown = after.filter(({ verdict }) => verdict === "unknown").length;
  const isCertain = blocked === 0 && unknown === 0 && after.every(({ assumedPrincipalArn }) => !assumedPrincipalArn);
  const types = new Set(edits.map(({ policyType }) => policyType));
  const opened = guards.filter(({ leg }) =>
    [...types].some((type) => {
      // Each kind of policy by itself: what it opens, it opens for everyone whom the others do not stop.
      const only = (all: readonly Layer[]) => all.filter((layer) => layer.type === type);
      return (
        evaluateLeg(only(layers), leg, known).verdict === "blocked" &&
        evaluateLeg(only(changed), leg, known).verdict !== "blocked"
      );
    }),
  );
  const opens = [...new Set(opened.map(({ what }) => what))];
  return { edits, verified: edits.length > 0 && isCertain && opens.length === 0, opens, blocked, unknown };
}

function edited(layer: Layer, policy: CompiledPolicy, own: readonly Candidate[], edits: PlacedEdit[]): CompiledPolicy {
  let json = policy.document.json;
  for (const { change } of own) {
    const next = applyEdit(json, change);
    if (next === undefined) continue;
    edits.push({
      policyType: layer.type,
      policyName: policy.name,
      ...(policy.arn === undefined ? {} : { policyArn: policy.arn }),
      ...(layer.level === undefined ? {} : { level: layer.level }),
      change,
      diff: diffJson(json, next),
    });
    json = next;
  }
  return { ...policy, document: parsePolicy(json, layer.type, policy.name) };
}
