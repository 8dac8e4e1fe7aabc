import type { JsonPatch } from "../src/policy/remedies/diff.js";

/** Applies a JSON Patch (RFC 6902), as far as it is used; written here anew, so that what is shown is what is checked. */
export function patched(document: unknown, patches: readonly JsonPatch[]): unknown {
  const result: unknown = JSON.parse(JSON.stringify(document));
  for (const patch of patches) {
    const keys = patch.path
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() ?? "";
    let holder = result as Record<string, unknown>;
    for (const key of keys) holder = holder[key] as Record<string, unknown>;
    if (patch.op === "remove") Array.isArray(holder) ? holder.splice(Number(last), 1) : delete holder[last];
    else if (last === "-") (holder as unknown as unknown[]).push(patch.value);
    else if (patch.op === "add" && Array.isArray(holder)) holder.splice(Number(last), 0, patch.value);
    else holder[last] = patch.value;
  }
  return result;
}
