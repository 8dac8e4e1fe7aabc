import type { PolicyLayer } from "../evaluation/layers.js";
import type { Statement } from "../language/document.js";
import type { Guard, Opening } from "./guards.js";
import type { Trial } from "./trial.js";

const RANK = { blocked: 0, unknown: 1, allowed: 2 } as const;

/**
 * Returns what a set of edits would allow in addition. These are the guard requests that the edited policy types deny
 * or may deny without the edits, but no longer deny with them. Each policy type is checked separately, because an edit
 * allows its requests for every caller that the other types don't block.
 */
export function* openingsOf(
  before: readonly PolicyLayer[],
  after: readonly PolicyLayer[],
  guards: readonly Guard[],
  trial: Trial,
): Generator<void, Opening[]> {
  const opens = new Set<Opening>();
  const edited = before.filter((layer, at) => layer !== after[at]);
  for (const type of new Set(edited.map((layer) => layer.type))) {
    const [old, now] = [before, after].map((layers) => layers.filter((layer) => layer.type === type)) as [
      PolicyLayer[],
      PolicyLayer[],
    ];
    const changed = changedStatements(old, now);
    for (const { differs, request } of guards) {
      if (differs.every((what) => opens.has(what) || (what === "other-principal" && isOfOne(type, old, now)))) continue;
      // The verdict can change only if an edited statement has a different result.
      const isTouched = changed.some((pair) => {
        const [one, other] = pair.map((statement) => statement && trial.outcome(statement, request));
        return (one ?? "no match") !== (other ?? "no match");
      });
      if (isTouched && RANK[trial.verdict(now, request)] > RANK[trial.verdict(old, request)]) {
        for (const what of differs) opens.add(what);
      }
      yield;
    }
  }
  return [...opens];
}

/**
 * A session policy belongs to one principal. So does an identity-based policy without an ARN, because it's an inline
 * policy.
 */
const isOfOne = (type: PolicyLayer["type"], old: readonly PolicyLayer[], now: readonly PolicyLayer[]): boolean =>
  type === "session-policy" ||
  (type === "identity-based-policy" &&
    old.every(({ policies }, at) =>
      policies.every((policy, index) => policy === now[at]?.policies[index] || policy.arn === undefined),
    ));

/** Returns the statements that differ, each before and after the edit. */
function changedStatements(
  before: readonly PolicyLayer[],
  after: readonly PolicyLayer[],
): [Statement | undefined, Statement | undefined][] {
  const pairs: [Statement | undefined, Statement | undefined][] = [];
  before.forEach((layer, at) => {
    layer.policies.forEach(({ document: { statements: old } }, index) => {
      const now = after[at]?.policies[index]?.document.statements ?? [];
      for (let each = 0; each < Math.max(old.length, now.length); each++) {
        if (old[each] !== now[each]) pairs.push([old[each], now[each]]);
      }
    });
  });
  return pairs;
}
