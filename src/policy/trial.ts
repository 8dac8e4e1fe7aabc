import type { AuthorizationLeg } from "../resolve/legs.js";
import { parsePolicy, type Statement } from "./document.js";
import { applyEdit, diffJson, type JsonPatch, type PolicyEdit } from "./edit.js";
import { type EvaluationContext, type LegEvaluation, verdictOn } from "./evaluate.js";
import type { CompiledPolicy, Layer } from "./layers.js";
import type { Outcome } from "./outcome.js";
import { type AuthorizationRequest, requestOf } from "./request.js";
import { matchStatement } from "./statement.js";

/** An edit, and the policy that it changes. */
export interface Candidate {
  layer: Layer;
  policy: CompiledPolicy;
  change: PolicyEdit;
}

/** A policy after some edits. */
export interface EditedPolicy {
  policy: CompiledPolicy;
  /** The edits that fit the document, each with what it changed. */
  applied: { change: PolicyEdit; diff: JsonPatch[] }[];
}

/**
 * Evaluates the same requests against many versions of the same policies. What a statement comes to is looked at once: a
 * version shares all statements but the edited ones.
 */
export class Trial {
  readonly #known: EvaluationContext;
  readonly #requests = new Map<AuthorizationLeg, { request: AuthorizationRequest; index: number }>();
  readonly #outcomes = new Map<Statement, Uint8Array>();
  readonly #edited = new Map<CompiledPolicy, Map<string, EditedPolicy>>();

  constructor(known: EvaluationContext) {
    this.#known = known;
  }

  /** The verdict on a request, without what a role's path would change. */
  verdict(layers: readonly Layer[], leg: AuthorizationLeg): LegEvaluation["verdict"] {
    return verdictOn(layers, this.#requestOf(leg).request, (statement) => this.outcome(statement, leg));
  }

  outcome(statement: Statement, leg: AuthorizationLeg): Outcome {
    const { request, index } = this.#requestOf(leg);
    let outcomes = this.#outcomes.get(statement);
    if (outcomes === undefined || outcomes.length <= index) {
      const more = new Uint8Array(Math.max(2 * index, 16));
      more.set(outcomes ?? []);
      outcomes = more;
      this.#outcomes.set(statement, outcomes);
    }
    const known = OUTCOMES[outcomes[index] ?? 0];
    if (known !== undefined) return known;
    const outcome = matchStatement(statement, request);
    outcomes[index] = OUTCOMES.indexOf(outcome);
    return outcome;
  }

  /** The layers with these edits in place. */
  edited(
    layers: readonly Layer[],
    combination: readonly Candidate[],
  ): { layers: Layer[]; edits: [Candidate, JsonPatch[]][] } {
    const edits: [Candidate, JsonPatch[]][] = [];
    const changed = layers.map((layer) => {
      const here = combination.filter((candidate) => candidate.layer === layer);
      if (here.length === 0) return layer;
      const policies = layer.policies.map((policy) => {
        const own = here.filter((candidate) => candidate.policy === policy);
        if (own.length === 0) return policy;
        const { policy: after, applied } = this.editedPolicy(layer, policy, own);
        for (const { change, diff } of applied) edits.push([{ layer, policy, change }, diff]);
        return after;
      });
      return { ...layer, policies };
    });
    return { layers: changed, edits };
  }

  /** One policy with its edits, once: most combinations share them. */
  editedPolicy(layer: Layer, policy: CompiledPolicy, own: readonly Candidate[]): EditedPolicy {
    const versions = this.#edited.get(policy) ?? new Map<string, EditedPolicy>();
    this.#edited.set(policy, versions);
    const key = JSON.stringify(own.map(({ change }) => change));
    const version = versions.get(key) ?? edit(layer, policy, own);
    versions.set(key, version);
    return version;
  }

  #requestOf(leg: AuthorizationLeg) {
    const known = this.#requests.get(leg);
    if (known) return known;
    const { caller, context, unknownContext } = this.#known;
    const made = { request: requestOf(leg, caller, context, unknownContext), index: this.#requests.size };
    this.#requests.set(leg, made);
    return made;
  }
}

/** As they are kept; 0 is not known yet. */
const OUTCOMES: readonly (Outcome | undefined)[] = [undefined, "match", "no match", "unknown"];

function edit(layer: Layer, policy: CompiledPolicy, own: readonly Candidate[]): EditedPolicy {
  const applied: EditedPolicy["applied"] = [];
  let json = policy.document.json;
  for (const { change } of own) {
    const next = applyEdit(json, change);
    if (next === undefined) continue;
    applied.push({ change, diff: diffJson(json, next) });
    json = next;
  }
  const document = parsePolicy(json, layer.type, policy.name);
  return { policy: { ...policy, document: sharing(document, policy.document) }, applied };
}

/** The document with the statements of the one before it where they are the same. */
function sharing<T extends CompiledPolicy["document"]>(after: T, before: T): T {
  const [old, now] = [textsIn(before.json), textsIn(after.json)];
  if (after.findings.length !== before.findings.length) return after;
  const statements = after.statements.map((statement, at) => {
    const same = old[at] !== undefined && old[at] === now[at] ? before.statements[at] : undefined;
    return same ?? statement;
  });
  return { ...after, statements };
}

function textsIn(json: unknown): string[] {
  const given = Array.isArray(json) ? json : ((json as { Statement?: unknown }).Statement ?? json);
  return (Array.isArray(given) ? given : [given]).map((statement) => JSON.stringify(statement));
}
