/** Unchanged lines around each change. */
const CONTEXT = 3;

/** The most changed lines that are found one by one. Texts that differ more are shown as replaced. */
const MOST_CHANGES = 500;

/** A line that both texts have (` `), that is removed (`-`), or that is added (`+`). */
interface Line {
  sign: " " | "-" | "+";
  text: string;
}

/**
 * Returns the change of a policy document as a unified diff, for people. Both documents are formatted as JSON with an
 * indentation of two spaces. Empty if nothing changed.
 *
 * @param name the policy's name. A line break in it would look like a part of the diff, so callers remove it
 */
export function diffDocuments(name: string, before: unknown, after: unknown): string {
  return unifiedDiff(name, JSON.stringify(before, null, 2), JSON.stringify(after, null, 2));
}

/** Returns the change of a text as a unified diff (GNU diffutils manual, "Detailed Description of Unified Format"). */
export function unifiedDiff(name: string, before: string, after: string): string {
  const hunks = hunksOf(compare(before.split("\n"), after.split("\n")));
  return hunks.length === 0 ? "" : [`--- ${name}`, `+++ ${name}`, ...hunks].join("\n");
}

/** The common beginning and end don't need to be searched. They are nearly all of a policy. */
function compare(old: readonly string[], now: readonly string[]): Line[] {
  let begin = 0;
  while (begin < old.length && begin < now.length && old[begin] === now[begin]) begin++;
  let end = 0;
  while (end < old.length - begin && end < now.length - begin && old.at(-1 - end) === now.at(-1 - end)) end++;
  return [
    ...signed(" ", old.slice(0, begin)),
    ...shortestEdit(old.slice(begin, old.length - end), now.slice(begin, now.length - end)),
    ...signed(" ", old.slice(old.length - end)),
  ];
}

const signed = (sign: Line["sign"], texts: readonly string[]) => texts.map((text): Line => ({ sign, text }));

/** `x` lines of the old text and `y` lines of the new one are compared, with the fewest changes. */
interface Point {
  x: number;
  y: number;
  /** The point before the last change. */
  from?: Point;
}

/** Returns the fewest changes (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986). */
function shortestEdit(old: readonly string[], now: readonly string[]): Line[] {
  const isEnd = ({ x, y }: Point) => x === old.length && y === now.length;
  const afterSame = (point: Point): Point => {
    while (point.x < old.length && point.y < now.length && old[point.x] === now[point.y]) {
      point.x += 1;
      point.y += 1;
    }
    return point;
  };
  // The furthest point on each diagonal, which is the number of removed lines minus that of added lines.
  let furthest = new Map([[0, afterSame({ x: 0, y: 0 })]]);
  for (let changes = 0; changes <= MOST_CHANGES; changes++) {
    const end = [...furthest.values()].find(isEnd);
    if (end) return linesTo(end, old, now);
    const next = new Map<number, Point>();
    for (const [diagonal, from] of furthest) {
      const further = [
        ...(from.x < old.length ? [[diagonal + 1, { x: from.x + 1, y: from.y, from }] as const] : []),
        ...(from.y < now.length ? [[diagonal - 1, { x: from.x, y: from.y + 1, from }] as const] : []),
      ];
      for (const [at, point] of further) if (point.x > (next.get(at)?.x ?? -1)) next.set(at, point);
    }
    for (const point of next.values()) afterSame(point);
    furthest = next;
  }
  return [...signed("-", old), ...signed("+", now)];
}

/** Returns the lines on the way to a point. */
function linesTo(end: Point, old: readonly string[], now: readonly string[]): Line[] {
  const points: Point[] = [];
  for (let point: Point | undefined = end; point; point = point.from) points.unshift(point);
  return points.flatMap(({ x, y, from }) => {
    if (from === undefined) return signed(" ", old.slice(0, x));
    const isRemoved = x - y > from.x - from.y;
    const change = isRemoved ? signed("-", old.slice(from.x, from.x + 1)) : signed("+", now.slice(from.y, from.y + 1));
    return [...change, ...signed(" ", old.slice(isRemoved ? from.x + 1 : from.x, x))];
  });
}

/** Returns the changes with their context. Changes whose contexts touch share a hunk. */
function hunksOf(lines: readonly Line[]): string[] {
  const changed = lines.flatMap(({ sign }, at) => (sign === " " ? [] : [at]));
  const ranges: { from: number; to: number }[] = [];
  for (const at of changed) {
    const last = ranges.at(-1);
    if (last && at - CONTEXT <= last.to) last.to = Math.min(lines.length, at + CONTEXT + 1);
    else ranges.push({ from: Math.max(0, at - CONTEXT), to: Math.min(lines.length, at + CONTEXT + 1) });
  }
  return ranges.map(({ from, to }) => hunk(lines, from, to));
}

function hunk(lines: readonly Line[], from: number, to: number): string {
  const shown = lines.slice(from, to);
  const range = (sign: "-" | "+") => {
    const count = (part: readonly Line[]) => part.filter((line) => line.sign === " " || line.sign === sign).length;
    const length = count(shown);
    // An empty range is placed after the line before it.
    return `${sign}${count(lines.slice(0, from)) + (length === 0 ? 0 : 1)},${length}`;
  };
  return [`@@ ${range("-")} ${range("+")} @@`, ...inOrder(shown).map(({ sign, text }) => `${sign}${text}`)].join("\n");
}

/** Within a change, removed lines come before added ones. */
function inOrder(lines: readonly Line[]): Line[] {
  const ordered: Line[] = [];
  const added: Line[] = [];
  for (const line of lines) {
    if (line.sign === "+") added.push(line);
    else {
      if (line.sign === " ") ordered.push(...added.splice(0));
      ordered.push(line);
    }
  }
  return [...ordered, ...added];
}
