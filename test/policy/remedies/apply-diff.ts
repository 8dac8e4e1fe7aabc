import { expect } from "vitest";

/** Applies a unified diff as strictly as its format is: every context line and every count must be right. */
export function applied(before: string, diff: string, name = "name"): string {
  if (diff === "") return before;
  const old = before.split("\n");
  const [minus, plus, ...rest] = diff.split("\n");
  expect([minus, plus]).toEqual([`--- ${name}`, `+++ ${name}`]);
  const result: string[] = [];
  let at = 0;
  while (rest.length > 0) {
    const [, from, removed, to, added] = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(rest.shift() ?? "") ?? [];
    const start = Number(from) - (removed === "0" ? 0 : 1);
    expect(start).toBeGreaterThanOrEqual(at);
    result.push(...old.slice(at, start));
    at = start;
    expect(result.length).toBe(Number(to) - (added === "0" ? 0 : 1));
    const [end, length] = [at + Number(removed), result.length + Number(added)];
    while (at < end || result.length < length) {
      const line = rest.shift() ?? "";
      if (line[0] !== "+") expect(old[at++]).toBe(line.slice(1));
      if (line[0] !== "-") result.push(line.slice(1));
    }
    expect([at, result.length]).toEqual([end, length]);
  }
  return [...result, ...old.slice(at)].join("\n");
}
