import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffJson } from "../../src/policy/remedies/diff.js";
import { patched } from "../json-patch.js";

describe("diffJson", () => {
  it.each<[unknown, unknown, unknown]>([
    [{ a: 1 }, { a: 1 }, []],
    [
      { a: 1 },
      { a: 2, "b/c~d": 3 },
      [
        { op: "replace", path: "/a", value: 2 },
        { op: "add", path: "/b~1c~0d", value: 3 },
      ],
    ],
    [{ a: 1, b: 2 }, { a: 1 }, [{ op: "remove", path: "/b" }]],
    [["a", "b"], ["a", "b", "c"], [{ op: "add", path: "/-", value: "c" }]],
    [
      ["a", "b", "c"],
      ["a"],
      [
        { op: "remove", path: "/2" },
        { op: "remove", path: "/1" },
      ],
    ],
    ["a", ["a", "b"], [{ op: "replace", path: "", value: ["a", "b"] }]],
  ])("of %j and %j", (before, after, patch) => expect(diffJson(before, after)).toEqual(patch));

  it.each([
    ["one of a list", ["a", "b", "c", "d"], ["a", "c", "d"], 1],
    ["two of a list", ["a", "b", "c", "d"], ["b", "d"], 2],
    ["one in the middle", ["a", "c"], ["a", "b", "c"], 1],
    ["a statement that changes in its place", [{ x: ["1"] }, { y: 1 }], [{ x: ["1", "2"] }, { y: 1 }], 1],
    ["a statement before another", [{ y: 1 }], [{ x: 1 }, { y: 1 }], 1],
  ])("takes no more operations than it has to: %s", (_, before, after, operations) => {
    const patch = diffJson(before, after);
    expect(patch).toHaveLength(operations);
    expect(patched(before, patch)).toEqual(after);
  });

  it("turns the one into the other, whatever they are", () => {
    const items = fc.array(
      fc.oneof(fc.constantFrom("a", "b", "c"), fc.array(fc.constantFrom("x", "y"), { maxLength: 2 })),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(items, items, (before, after) => {
        expect(patched({ before }, diffJson({ before }, { before: after }))).toEqual({ before: after });
      }),
      { numRuns: 2_000 },
    );
  });
});
