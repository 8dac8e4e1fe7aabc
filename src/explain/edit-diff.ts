import type { CompiledPolicy, PolicyLayer } from "../policy/evaluation/layers.js";
import { diffJson } from "../policy/remedies/diff.js";
import { applyEdit } from "../policy/remedies/edit.js";
import type { PlacedEdit } from "../policy/remedies/search.js";
import { diffDocuments } from "../policy/remedies/unified-diff.js";
import { printable } from "../printable.js";

/** A policy document before and after its edits. */
interface DocumentDiff {
  edit: PlacedEdit;
  before: unknown;
  after: unknown;
}

/**
 * Returns the edits of all policies as one unified diff. Undefined if a policy isn't among the layers, because the diff
 * would then show only a part of the change.
 */
export function diffOf(edits: readonly PlacedEdit[], layers: readonly PolicyLayer[]): string | undefined {
  const documents = new Map<CompiledPolicy, DocumentDiff>();
  for (const edit of edits) {
    const policy = documentOfEdit(edit, layers, documents);
    if (policy === undefined) return undefined;
    const { before, after } = documents.get(policy) ?? { before: policy.document.json, after: policy.document.json };
    documents.set(policy, { edit, before, after: applyEdit(after, edit.change) });
  }
  const edited = [...documents.values()];
  const names = edited.map(({ edit }) => edit.policyName);
  const diffs = edited.map(({ edit, before, after }) => {
    const isAmbiguous = names.indexOf(edit.policyName) !== names.lastIndexOf(edit.policyName);
    const level = isAmbiguous && edit.level !== undefined ? ` (level ${edit.level})` : "";
    return diffDocuments(printable(`${edit.policyName}${level}`), before, after);
  });
  return diffs.length > 0 ? diffs.join("\n") : undefined;
}

/** Returns the policy in which this edit makes the changes that were tested. Levels can have the same name. */
function documentOfEdit(
  { policyType, level, policyIndex, policyName, change, diff }: PlacedEdit,
  layers: readonly PolicyLayer[],
  documents: ReadonlyMap<CompiledPolicy, DocumentDiff>,
): CompiledPolicy | undefined {
  const placed = layers.filter((layer) => layer.type === policyType && layer.level === level);
  return placed
    .flatMap(({ policies }) => policies[policyIndex] ?? [])
    .find((policy) => {
      const { after: json } = documents.get(policy) ?? { after: policy.document.json };
      const after = policy.name === policyName ? applyEdit(json, change) : undefined;
      return after !== undefined && JSON.stringify(diffJson(json, after)) === JSON.stringify(diff);
    });
}
