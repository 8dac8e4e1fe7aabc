import { defined } from "../../defined.js";
import { type LegEvaluation, type Match, verdictOn } from "../evaluation/evaluate.js";
import type { CompiledPolicy, PolicyLayer } from "../evaluation/layers.js";
import type { AuthorizationRequest } from "../evaluation/request.js";
import { matchStatement } from "../evaluation/statement.js";
import { parsePolicy, type Statement } from "../language/document.js";
import type { Outcome } from "../language/outcome.js";
import { diffJson, type JsonPatch } from "./diff.js";
import { applyEdit, type PolicyEdit } from "./edit.js";
import { checkSize, type SizeWarning } from "./quotas.js";

/** Edits of one policy that are applied together. */
export interface EditCandidate {
  layer: PolicyLayer;
  policy: CompiledPolicy;
  changes: readonly PolicyEdit[];
}

/** A policy after some edits. */
export interface EditedPolicy {
  policy: CompiledPolicy;
  /** The edits, each with its changes to the document. */
  applied: { change: PolicyEdit; diff: JsonPatch[] }[];
  /** Present if the edited document may exceed a size quota. */
  size?: SizeWarning;
}

/** An edit, and the policy that it applies to. */
export interface AppliedEdit {
  layer: PolicyLayer;
  policy: CompiledPolicy;
  change: PolicyEdit;
  diff: JsonPatch[];
  size?: SizeWarning;
}

/**
 * Evaluates the same requests against many versions of the same policies. The result of each statement is computed
 * once, because versions share all statements except the edited ones.
 */
export class Trial {
  readonly #indexes = new Map<AuthorizationRequest, number>();
  readonly #outcomes = new Map<Statement, Uint8Array>();
  readonly #edited = new Map<CompiledPolicy, Map<string, EditedPolicy | undefined>>();
  readonly #isUser: boolean;

  /** @param isUser true if an IAM user calls. A user's inline policies have a smaller quota than a role's */
  constructor(isUser = false) {
    this.#isUser = isUser;
  }

  /** Returns the verdict on a request, without considering other role paths. */
  verdict(layers: readonly PolicyLayer[], request: AuthorizationRequest): LegEvaluation["verdict"] {
    return verdictOn(layers, request, this.outcome);
  }

  readonly outcome: Match = (statement: Statement, request: AuthorizationRequest): Outcome => {
    const index = this.#indexOf(request);
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
  };

  /**
   * Returns the layers with these edits applied, or undefined if an edit can't be applied to its document or the
   * document exceeds its quota.
   */
  edited(layers: readonly PolicyLayer[], combination: readonly EditCandidate[]) {
    const edits: AppliedEdit[] = [];
    const changed: PolicyLayer[] = [];
    for (const layer of layers) {
      const policies: CompiledPolicy[] = [];
      for (const policy of layer.policies) {
        const own = combination.filter((candidate) => candidate.layer === layer && candidate.policy === policy);
        const after = own.length === 0 ? undefined : this.editedPolicy(layer, policy, own);
        if (own.length > 0 && after === undefined) return undefined;
        policies.push(after?.policy ?? policy);
        const size = after?.size ? { size: after.size } : {};
        for (const applied of after?.applied ?? []) edits.push({ layer, policy, ...applied, ...size });
      }
      changed.push(combination.some((candidate) => candidate.layer === layer) ? { ...layer, policies } : layer);
    }
    return { layers: changed, edits };
  }

  /** Edits one policy. The result is cached, because most combinations share it. */
  editedPolicy(layer: PolicyLayer, policy: CompiledPolicy, own: readonly EditCandidate[]): EditedPolicy | undefined {
    const versions = this.#edited.get(policy) ?? new Map<string, EditedPolicy | undefined>();
    this.#edited.set(policy, versions);
    const changes = new Map(own.flatMap((candidate) => candidate.changes).map((each) => [JSON.stringify(each), each]));
    const key = [...changes.keys()].join();
    if (!versions.has(key)) versions.set(key, edit(layer, policy, [...changes.values()], this.#isUser));
    return versions.get(key);
  }

  #indexOf(request: AuthorizationRequest): number {
    const known = this.#indexes.get(request);
    if (known !== undefined) return known;
    this.#indexes.set(request, this.#indexes.size);
    return this.#indexes.size - 1;
  }
}

/** Outcomes by their stored number. 0 means that the outcome hasn't been computed yet. */
const OUTCOMES: readonly (Outcome | undefined)[] = [undefined, "match", "no match", "unknown"];

function edit(
  { type, policies }: PolicyLayer,
  policy: CompiledPolicy,
  changes: readonly PolicyEdit[],
  isUser: boolean,
): EditedPolicy | undefined {
  const applied: EditedPolicy["applied"] = [];
  let json = policy.document.json;
  for (const change of changes) {
    const next = applyEdit(json, change);
    if (next === undefined) return undefined;
    applied.push({ change, diff: diffJson(json, next) });
    json = next;
  }
  const others = policies.filter((other) => other !== policy);
  const size = checkSize({ type, policy, json, others, isUser });
  if (size === "exceeds") return undefined;
  const document = parsePolicy(json, type, policy.name);
  const edited = { ...policy, document: sharedStatements(document, policy.document) };
  return defined({ policy: edited, applied, size });
}

/** Returns the document, reusing the statements of the previous one that are unchanged. */
function sharedStatements<T extends CompiledPolicy["document"]>(after: T, before: T): T {
  const [old, now] = [textsIn(before.json), textsIn(after.json)];
  if (after.findings.length !== before.findings.length) return after;
  const statements = after.statements.map((statement, at) => {
    const same = old[at] !== undefined && old[at] === now[at] ? before.statements[at] : undefined;
    return same ?? statement;
  });
  return { ...after, statements };
}

function textsIn(json: unknown): string[] {
  const provided = Array.isArray(json) ? json : ((json as { Statement?: unknown }).Statement ?? json);
  return (Array.isArray(provided) ? provided : [provided]).map((statement) => JSON.stringify(statement));
}
