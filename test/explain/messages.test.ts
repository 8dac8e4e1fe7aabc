import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diagnosed } from "../../src/error.js";
import { type ParsedRefusal, parseRefusal } from "../../src/refusal/parse.js";
import { diagnosisOf } from "./conclusions.js";
import { MESSAGES } from "./messages.js";

// The whole message of each kind of denial, as a reader sees it.
const FILE = join(import.meta.dirname, "messages.txt");
const golden = new Map(
  readFileSync(FILE, "utf8")
    .split(/^## /m)
    .slice(1)
    .map((section): [string, string] => {
      const [title = "", ...lines] = section.trimEnd().split("\n");
      return [title, lines.join("\n")];
    }),
);

/** What a message shows, whatever stands around it. */
const factsIn = ({ raw, errorName, httpStatus, requestId, ...facts }: ParsedRefusal) => facts;

describe("the message of a denied call", () => {
  it.each(MESSAGES)("is easy to read: %s", async (title, message, denied) => {
    const error = diagnosed(new Error(message), await diagnosisOf(message, denied));
    expect(error.message).toBe(golden.get(title));
    expect(error.stack?.startsWith(`Error: ${error.message}\n    at `)).toBe(true);
  });

  it("is in the table, and nowhere else", () => {
    expect([...golden.keys()]).toEqual(MESSAGES.map(([title]) => title));
  });

  it.each(MESSAGES)("still contains AWS's message for the parser: %s", async (_, message, denied) => {
    const name = denied.errorName ?? "AccessDeniedException";
    const error = diagnosed(new Error(message), await diagnosisOf(message, denied));
    const read = parseRefusal(error.message, { errorName: name, httpStatus: denied.status ?? 403 });
    const before = parseRefusal(message, { errorName: name, httpStatus: denied.status ?? 403 });
    expect(before).not.toBeNull();
    expect(factsIn(read as ParsedRefusal)).toEqual(factsIn(before as ParsedRefusal));
  });
});
