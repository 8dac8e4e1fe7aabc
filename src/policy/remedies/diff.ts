/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatch = { op: "add" | "replace"; path: string; value: unknown } | { op: "remove"; path: string };

/** Returns the differences between two JSON documents as a JSON Patch (RFC 6902). */
export function diffJson(before: unknown, after: unknown, path = ""): JsonPatch[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key): JsonPatch[] => {
      const at = `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (!Object.hasOwn(after, key)) return [{ op: "remove", path: at }];
      if (!Object.hasOwn(before, key)) return [{ op: "add", path: at, value: after[key] }];
      return diffJson(before[key], after[key], at);
    });
  }
  return [{ op: "replace", path, value: after }];
}

/**
 * Compares two lists by their longest common subsequence. Items that are in both lists aren't changed. An item that was
 * replaced in its place is compared further. All other items are removed or added.
 */
function diffLists(before: unknown[], after: unknown[], path: string): JsonPatch[] {
  const patches: JsonPatch[] = [];
  let at = 0;
  for (const { removed, added, kept } of gapsIn(before, after)) {
    const inPlace = Math.min(removed.length, added.length);
    for (let index = 0; index < inPlace; index++)
      patches.push(...diffJson(removed[index], added[index], `${path}/${at + index}`));
    at += inPlace;
    for (let extra = removed.length - 1; extra >= inPlace; extra--)
      patches.push({ op: "remove", path: `${path}/${at + extra - inPlace}` });
    for (const value of added.slice(inPlace)) {
      patches.push({ op: "add", path: kept === 0 ? `${path}/-` : `${path}/${at}`, value });
      at += 1;
    }
    at += kept;
  }
  return patches;
}

/** The items between two that both lists have, and how many shared items follow. */
interface Gap {
  removed: unknown[];
  added: unknown[];
  kept: number;
}

/** Returns the items between those that both lists have. No shared items follow the last gap. */
function gapsIn(before: unknown[], after: unknown[]): Gap[] {
  const [old, now] = [before, after].map((items) => items.map((item) => JSON.stringify(item))) as [string[], string[]];
  // The common beginning and end don't need a table. They are nearly all of a policy.
  let begin = 0;
  while (begin < old.length && begin < now.length && old[begin] === now[begin]) begin++;
  let end = 0;
  while (end < old.length - begin && end < now.length - begin && old.at(-1 - end) === now.at(-1 - end)) end++;
  const steps = stepsBetween(old.slice(begin, old.length - end), now.slice(begin, now.length - end));
  const gaps: Gap[] = [{ removed: [], added: [], kept: begin }];
  let gap: Gap = { removed: [], added: [], kept: 0 };
  let [row, column] = [begin, begin];
  for (const step of steps) {
    if (step === "kept") {
      gaps.push({ ...gap, kept: 1 });
      gap = { removed: [], added: [], kept: 0 };
    }
    if (step === "removed") gap.removed.push(before[row]);
    if (step === "added") gap.added.push(after[column]);
    if (step !== "added") row++;
    if (step !== "removed") column++;
  }
  return [...gaps, { ...gap, kept: end }];
}

/** Returns how the first list becomes the second one, with as many items kept as possible. */
function stepsBetween(old: readonly string[], now: readonly string[]): ("kept" | "removed" | "added")[] {
  const common = commonLengths(old, now);
  const steps: ("kept" | "removed" | "added")[] = [];
  for (let row = 0, column = 0; row < old.length || column < now.length; ) {
    const isSame = row < old.length && column < now.length && old[row] === now[column];
    const isRemoved = column >= now.length || (row < old.length && common(row + 1, column) >= common(row, column + 1));
    const step = isSame ? "kept" : isRemoved ? "removed" : "added";
    steps.push(step);
    if (step !== "added") row++;
    if (step !== "removed") column++;
  }
  return steps;
}

/** Returns a function for the length of the longest common subsequence from two positions to the ends. */
function commonLengths(old: readonly string[], now: readonly string[]): (row: number, column: number) => number {
  const table = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  const common = (row: number, column: number) => table[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = now.length - 1; column >= 0; column--) {
      const isSame = old[row] === now[column];
      const longest = isSame
        ? common(row + 1, column + 1) + 1
        : Math.max(common(row + 1, column), common(row, column + 1));
      (table[row] as Uint16Array)[column] = longest;
    }
  }
  return common;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
