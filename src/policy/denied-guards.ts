import type { PolicyType } from "../refusal/kinds.js";
import type { Guard } from "./guards.js";
import type { Layer } from "./layers.js";
import type { Trial } from "./trial.js";

/** The guard requests, and which of them were denied before, by each kind of policy by itself. */
export class DeniedGuards {
  readonly #before = new Map<PolicyType, Guard[]>();
  constructor(
    readonly all: readonly Guard[],
    readonly layers: readonly Layer[],
    readonly trial: Trial,
  ) {}

  /** Those that policies of this type deny: what they let through, they let through for everyone whom the others don't stop. */
  *by(type: PolicyType): Generator<void, Guard[]> {
    const known = this.#before.get(type);
    if (known) return known;
    const own = this.layers.filter((layer) => layer.type === type);
    const denied: Guard[] = [];
    for (const guard of this.all) {
      if (this.trial.verdict(own, guard.leg) === "blocked") denied.push(guard);
      yield;
    }
    this.#before.set(type, denied);
    return denied;
  }
}

/** The Regions that stand in conditions on `aws:RequestedRegion`, without wildcards: as many as a list may have to be shown. */
export function regionsNamedIn(layers: readonly Layer[]): string[] {
  const statements = layers.flatMap(({ policies }) => policies.flatMap(({ document }) => document.statements));
  const conditions = statements.flatMap((statement) => statement.conditions);
  const values = conditions.flatMap(({ key, values }) => (key.toLowerCase() === "aws:requestedregion" ? values : []));
  return [...new Set(values)].filter((region) => /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)).slice(0, 20);
}
