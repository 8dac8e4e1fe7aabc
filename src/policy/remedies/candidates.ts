import {
  type AuthorizationLeg,
  INFERENCE_ACTIONS,
  isRegionKey,
  PRINCIPAL_ARN,
  PROFILE_KEY,
  REGION_KEY,
  specifiesPrincipals,
} from "../../authorization.js";
import { blocksOn, type EvaluationContext } from "../evaluation/evaluate.js";
import type { CompiledPolicy, PolicyLayer } from "../evaluation/layers.js";
import { type AuthorizationRequest, requestOf } from "../evaluation/request.js";
import { explainMatch } from "../evaluation/statement.js";
import { isNegated, readOperator } from "../language/condition/condition.js";
import type { Statement } from "../language/document.js";
import type { PolicyEdit, PolicyStatement } from "./edit.js";
import { editableIn } from "./quotas.js";
import { regionsApprovedBy } from "./region-deny.js";
import type { EditCandidate, Trial } from "./trial.js";

/** A leg, and the request that it corresponds to. */
export interface LegRequest {
  leg: AuthorizationLeg;
  request: AuthorizationRequest;
}

/** One statement that denies, or one layer in which no statement allows, with the legs that it blocks. */
export interface Blocker {
  layer: PolicyLayer;
  deny?: { policy: CompiledPolicy; statement: Statement };
  legs: LegRequest[];
}

export function blockersIn(layers: readonly PolicyLayer[], legs: readonly LegRequest[], trial: Trial): Blocker[] {
  const found = new Map<PolicyLayer | Statement, Blocker>();
  const add = (key: PolicyLayer | Statement, blocker: Omit<Blocker, "legs">, leg: LegRequest) => {
    const known = found.get(key);
    if (known) known.legs.push(leg);
    else found.set(key, { ...blocker, legs: [leg] });
  };
  for (const each of legs) {
    const { denies, silent } = blocksOn(layers, each.request, trial.outcome);
    for (const { layer, policy, statement } of denies) add(statement, { layer, deny: { policy, statement } }, each);
    for (const layer of silent) add(layer, { layer }, each);
  }
  return [...found.values()];
}

/** The data that remedies are built from. */
export interface Materials {
  legs: readonly LegRequest[];
  known: EvaluationContext;
  /** Returns statements that allow exactly these legs. */
  statements: (legs: readonly AuthorizationLeg[]) => PolicyStatement[];
}

/**
 * Returns the edits that stop a blocker from blocking its legs. Edits that AWS recommends come first, followed by those
 * that allow the least in addition.
 */
export function editCandidatesFor({ layer, deny, legs }: Blocker, materials: Materials, trial: Trial): EditCandidate[] {
  if (deny === undefined) return toAllow(layer, legs, materials, trial);
  const { policy, statement } = deny;
  if (!editableIn(layer).includes(policy)) return [];
  const all = toSpare(statement, legs, materials);
  return all.map((changes) => ({ layer, policy, changes }));
}

function toSpare(statement: Statement, legs: readonly LegRequest[], materials: Materials): PolicyEdit[][] {
  const isRegional = legs.every((each) => isRegionDependent(statement, each, materials.known));
  return isRegional ? againstRegionDeny(statement, legs, materials) : againstOtherDeny(statement, legs, materials);
}

/** Returns true if a Deny wouldn't match if the leg's Region were an approved one. */
function isRegionDependent(statement: Statement, { leg }: LegRequest, known: EvaluationContext): boolean {
  return regionsApprovedBy(statement).some((region) => {
    const parts = leg.resource.split(":");
    parts[3] = region;
    const moved = { ...leg, region, resource: parts.join(":") };
    const request = requestOf(moved, known.caller, known.context, known.unknownContext);
    const conditions = statement.conditions.filter(({ key }) => isRegionKey(key));
    return conditions.some((condition) => condition.evaluate(request.context) === "no match");
  });
}

function againstRegionDeny(statement: Statement, legs: readonly LegRequest[], materials: Materials): PolicyEdit[][] {
  const { index: statementIndex } = statement;
  const regionsOf = (some: readonly LegRequest[]) => [...new Set(some.map(({ leg }) => leg.region))];
  const byRegions = (some: readonly LegRequest[]): PolicyEdit[] =>
    statement.conditions.flatMap(({ key, operator }): PolicyEdit[] => {
      if (!isRegionKey(key) || !readOperator(operator).base.startsWith("String")) return [];
      const edit = isNegated(operator) ? ("add-regions" as const) : ("remove-regions" as const);
      return [{ edit, statementIndex, operator, key, regions: regionsOf(some) }];
    });
  // The profile itself is evaluated without the key, so its Region must be approved. Only the other legs can be
  // exempted. If the statement doesn't cover the profile, the model in the source Region shows where the call starts.
  const isStart = ({ leg }: LegRequest) =>
    leg.inferenceProfileArn === undefined ||
    (leg.stage === "source-model" && !coversProfile(statement, materials.legs));
  const unrouted = legs.filter(isStart);
  const isRouted = unrouted.length < legs.length;
  const approvals: PolicyEdit[][] = unrouted.length > 0 ? byRegions(unrouted).map((edit) => [edit]) : [[]];
  const candidates: PolicyEdit[][] = [];
  const patterns = patternsOf(materials.legs, statement);
  for (const pattern of isRouted ? patterns : []) {
    const exempt: PolicyEdit = { edit: "exempt-inference-profiles", statementIndex, pattern };
    for (const approval of approvals) candidates.push([...approval, exempt]);
  }
  const [pattern] = patterns;
  // A list of denied Regions isn't repeated, because it leaves every other Region open.
  const isApproving = statement.conditions.every(({ key, operator }) => !isRegionKey(key) || isNegated(operator));
  if (unrouted.length === 0 && isRouted && pattern !== undefined && statement.action?.not && isApproving) {
    candidates.push([{ edit: "carve-out-and-re-deny", statementIndex, actions: [...INFERENCE_ACTIONS], pattern }]);
  }
  return [...candidates, ...byRegions(legs).map((edit) => [edit])];
}

/**
 * For a Deny about models or principals, returns edits that add exactly what this call requires. For other Deny
 * statements, such as those about tags and networks, returns nothing.
 */
function againstOtherDeny(statement: Statement, legs: readonly LegRequest[], materials: Materials): PolicyEdit[][] {
  const { index: statementIndex, resource, conditions } = statement;
  const deciding = conditions.filter(({ key }) => ![REGION_KEY, PROFILE_KEY].includes(key.toLowerCase()));
  const edits: PolicyEdit[][] = [];
  const roleArn = roleArnOf(materials.known);
  for (const { key, operator } of deciding) {
    if (key.toLowerCase() !== PRINCIPAL_ARN || !isNegated(operator) || roleArn === undefined) continue;
    edits.push([{ edit: "exempt-principals", statementIndex, operator, key, principals: [roleArn] }]);
  }
  if (resource?.not) {
    const resources = [...new Set(legs.map(({ leg }) => leg.resource))];
    edits.push([{ edit: "add-not-resources", statementIndex, resources }]);
  }
  const exact = patternsOf(materials.legs, statement).at(-1);
  const isRouted = legs.every(({ leg }) => leg.inferenceProfileArn !== undefined);
  // If a Deny is about people, tags, or networks, exempting a profile would lift it for everyone, so no exemption is
  // suggested.
  if (deciding.length === 0 && isRouted && exact !== undefined) {
    edits.push([{ edit: "exempt-inference-profiles", statementIndex, pattern: exact }]);
  }
  return edits;
}

/**
 * Returns the role or user that calls. A session's role is assumed to have no path. The evaluation checks that
 * assumption.
 */
function roleArnOf({ caller, context }: EvaluationContext): string | undefined {
  const value = context.get(PRINCIPAL_ARN) ?? caller.keys.get(PRINCIPAL_ARN);
  return value && !("oneOf" in value) && value.length === 1 ? value[0] : undefined;
}

/**
 * Returns the pattern for all profiles of the call's geography, then exactly the call's profile. For an application
 * inference profile, returns only that profile. If the statement doesn't deny the profile itself anywhere, the profiles
 * are limited to the source Region. Otherwise, calls through them could start in a Region that isn't approved.
 */
function patternsOf(legs: readonly LegRequest[], statement: Statement): string[] {
  const profile = legs.find(({ leg }) => leg.stage === "profile");
  if (profile === undefined) return [];
  const arn = profile.leg.resource;
  const found = /^(arn:[^:]+:bedrock):([^:]*):[^:]*:(inference-profile\/[^.]+\.)/.exec(arn);
  if (found === null) return [arn];
  const [, service, source, profiles] = found;
  return [`${service}:${coversProfile(statement, legs) ? "*" : source}:*:${profiles}*`, arn];
}

/** Returns true if a statement's resources include the profile, or may include it. */
function coversProfile(statement: Statement, legs: readonly LegRequest[]): boolean {
  const profile = legs.find(({ leg }) => leg.stage === "profile");
  return profile !== undefined && explainMatch(statement, profile.request).resource !== "no match";
}

/**
 * Returns edits of a layer in which nothing allows: a new statement that allows the legs, or more resources in an
 * existing statement. Each edited document then allows every leg by itself, so that no edit depends on another one.
 */
function toAllow(
  layer: PolicyLayer,
  blocked: readonly LegRequest[],
  { legs, statements }: Materials,
  trial: Trial,
): EditCandidate[] {
  const missingIn = (policy: CompiledPolicy) => {
    const own = [{ ...layer, policies: [policy] }];
    return legs.filter((each) => blocked.includes(each) || trial.verdict(own, each.request) === "blocked");
  };
  const editable = editableIn(layer).map((policy) => ({ policy, missing: missingIn(policy).map(({ leg }) => leg) }));
  const fewest = Math.min(...editable.map(({ missing }) => missing.length));
  const nearest = editable.find(({ missing }) => missing.length === fewest);
  if (nearest === undefined) return [];
  const needed = statementsFor(layer, nearest.missing, statements);
  const candidates: EditCandidate[] =
    needed.length > 0
      ? [{ layer, policy: nearest.policy, changes: [{ edit: "add-statements", statements: needed }] }]
      : [];
  for (const { policy, missing } of editable) {
    const resources = [...new Set(missing.map(({ resource }) => resource))];
    for (const { index: statementIndex, effect, resource, action } of policy.document.statements) {
      const fits =
        effect === "Allow" && resource && !resource.not && !resource.texts.includes("*") && action && !action.not;
      const isAbout = fits && action.texts.some((text) => /^bedrock:/i.test(text));
      if (isAbout) candidates.push({ layer, policy, changes: [{ edit: "add-resources", statementIndex, resources }] });
    }
  }
  return candidates;
}

function statementsFor(
  { type }: PolicyLayer,
  legs: readonly AuthorizationLeg[],
  statements: Materials["statements"],
): PolicyStatement[] {
  return statements(legs).map((statement) =>
    specifiesPrincipals(type) ? { ...statement, Principal: "*" } : statement,
  );
}

/**
 * Returns true if an edit helps: at least one leg passes the statement that denies it, or every leg passes the layer in
 * which nothing allows it. Other edits aren't tested further.
 */
export function lifts(candidate: EditCandidate, { deny, legs, layer }: Blocker, trial: Trial): boolean {
  const after = trial.editedPolicy(layer, candidate.policy, [candidate]);
  if (after === undefined) return false;
  if (deny === undefined) {
    const policies = layer.policies.map((each) => (each === candidate.policy ? after.policy : each));
    return legs.every(({ request }) => trial.verdict([{ ...layer, policies }], request) !== "blocked");
  }
  const { statements } = after.policy.document;
  const { statements: before } = candidate.policy.document;
  // A Deny that is split becomes more than one statement.
  const denying = statements.filter(({ effect }, at) => effect === "Deny" && statements[at] !== before[at]);
  return legs.some(({ request }) => denying.every((statement) => trial.outcome(statement, request) !== "match"));
}
