import type { Statement } from "../language/document.js";
import type { Outcome } from "../language/outcome.js";
import type { LegEvaluation, NotEvaluated, StatementRef } from "./evaluation.js";
import { type CompiledPolicy, type PolicyLayer, RCP_SERVICES_AS_OF } from "./layers.js";
import type { AuthorizationRequest } from "./request.js";

/** A statement that applies or may apply, and the policy that contains it. */
export interface Hit {
  layer: PolicyLayer;
  policy: CompiledPolicy;
  statement: Statement;
}

/** Evaluates a statement for a request. A search passes its own function if it already has the result. */
export type Match = (statement: Statement, request: AuthorizationRequest) => Outcome;

/** All statements and layers in the policies that affect one request. */
export interface Hits {
  /** Statements that deny the request, in the order of the layers. */
  denies: Hit[];
  /** Layers in which no statement allows the request. */
  silent: PolicyLayer[];
  /** Statements and layers whose unknown result could change the verdict. */
  open: (Hit | { layer: PolicyLayer; why: "not-provided" | "not-evaluated" | "not-understood" })[];
  allow: Hit | undefined;
}

/**
 * Returns everything that blocks a request: every statement that denies it, and every layer in which no statement
 * allows it.
 */
export function blocksOn(
  layers: readonly PolicyLayer[],
  request: AuthorizationRequest,
  match: Match,
): Pick<Hits, "denies" | "silent"> {
  const { denies, silent } = hitsIn(layers, request, match);
  return { denies, silent };
}

/** Returns only the verdict, without the reasons. */
export const verdictOn = (
  layers: readonly PolicyLayer[],
  request: AuthorizationRequest,
  match: Match,
): LegEvaluation["verdict"] => verdictOfHits(hitsIn(layers, request, match, true));

/** An explicit deny, or a layer in which nothing allows, blocks the request whatever is unknown. */
export const verdictOfHits = ({ denies, silent, open }: Hits): LegEvaluation["verdict"] => {
  if (denies.length > 0 || silent.length > 0) return "blocked";
  return open.length > 0 ? "unknown" : "allowed";
};

/** @param firstDeny true if the search can stop at the first Deny */
export function hitsIn(
  layers: readonly PolicyLayer[],
  request: AuthorizationRequest,
  match: Match,
  firstDeny = false,
): Hits {
  const hits: Hits = { denies: [], silent: [], open: [], allow: undefined };
  for (const layer of layers) {
    if (layer.type === RESOURCE_CONTROL) {
      const why = whyRcpsMatter(layer, request);
      if (why) hits.open.push({ layer, why });
      continue;
    }
    if (request.isOnBehalf && layer.type === "vpc-endpoint-policy") continue;
    let allow: Hit | undefined;
    const maybeAllows: Hit[] = [];
    for (const policy of layer.policies) {
      for (const statement of policy.document.statements) {
        const outcome = match(statement, request);
        if (outcome === "no match") continue;
        const { effect } = statement;
        const hit = { layer, policy, statement };
        if (outcome === "match" && effect === "Deny") {
          hits.denies.push(hit);
          if (firstDeny) return hits;
        } else if (outcome === "match" && effect === "Allow") allow ??= hit;
        else {
          // An invalid Effect could be either one.
          if (effect !== "Allow") hits.open.push(hit);
          if (effect !== "Deny") maybeAllows.push(hit);
        }
      }
    }
    if (allow) hits.allow = allow;
    else if (!layer.provided) hits.open.push({ layer, why: "not-provided" });
    else if (maybeAllows.length > 0) hits.open.push(...maybeAllows);
    else if (layer.policies.some(isEmpty)) hits.open.push({ layer, why: "not-understood" });
    else hits.silent.push(layer);
  }
  addResourcePolicy(hits, layers, request);
  return hits;
}

/**
 * Returns why resource control policies matter for a request. They aren't evaluated. They don't cover Amazon Bedrock,
 * unless the AWS error message shows that they do.
 */
function whyRcpsMatter({ provided, policies }: PolicyLayer, { action }: AuthorizationRequest) {
  if (!provided && policies.length === 0) return "not-provided";
  return provided && action.startsWith("bedrock:") ? undefined : "not-evaluated";
}

/** Returns the resource control policies that were provided and that don't cover the service of this request. */
export function notEvaluatedIn(
  layers: readonly PolicyLayer[],
  request: AuthorizationRequest,
): NotEvaluated[] | undefined {
  if (!layers.some(({ type }) => type === RESOURCE_CONTROL)) return undefined;
  const rcps = layers.filter((layer) => layer.type === RESOURCE_CONTROL && whyRcpsMatter(layer, request) === undefined);
  const policyNames = [...new Set(rcps.flatMap((layer) => layer.policies).map(({ name }) => name))];
  if (policyNames.length === 0) return undefined;
  return [{ policyType: RESOURCE_CONTROL, policyNames, asOf: RCP_SERVICES_AS_OF }];
}

const RESOURCE_CONTROL = "resource-control-policy";

/**
 * If a resource belongs to another account, its resource-based policy must also allow the request. No such policy was
 * provided.
 */
function addResourcePolicy(hits: Hits, layers: readonly PolicyLayer[], { resourcePolicy }: AuthorizationRequest): void {
  if (resourcePolicy === undefined || layers.some(({ type, provided }) => provided && type === "resource-based-policy"))
    return;
  if (resourcePolicy === "impossible") hits.silent.push(NO_RESOURCE_POLICY);
  else hits.open.push({ layer: ANY_RESOURCE_POLICY, why: "not-provided" });
}

const NO_RESOURCE_POLICY: PolicyLayer = { type: "resource-based-policy", policies: [], provided: true };
const ANY_RESOURCE_POLICY: PolicyLayer = { ...NO_RESOURCE_POLICY, provided: false };

/** AWS would reject a document without a statement, so it doesn't show what the policy contains. */
const isEmpty = ({ document }: CompiledPolicy) => document.statements.length === 0;

/** Returns the reference to a statement. */
export function refOf({ layer, policy, statement }: Hit): StatementRef {
  const ref: StatementRef = {
    policyType: layer.type,
    policyName: policy.name,
    statementIndex: statement.index,
    path: statement.path,
  };
  if (policy.arn !== undefined) ref.policyArn = policy.arn;
  if (layer.level !== undefined) ref.level = layer.level;
  if (statement.sid !== undefined) ref.sid = statement.sid;
  return ref;
}
