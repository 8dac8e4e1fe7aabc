import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../../src/diagnosis.js";
import { formatDiagnosis } from "../../../src/explain/format/format-diagnosis.js";
import { diagnosisOf } from "../conclusions.js";
import { MESSAGES } from "../messages.js";

async function diagnosisWith(title: string): Promise<Diagnosis> {
  const [, message, denied] = MESSAGES.find(([each]) => each === title) ?? [];
  if (message === undefined) throw new Error(`There is no message called ${title}.`);
  return diagnosisOf(message, denied);
}

const inOneLine = (text: string) => text.replace(/\s+/g, " ");

describe("a report", () => {
  it.each(MESSAGES)(
    "of %s fits 80 columns, except for policies, URLs, and longer words",
    async (_, message, denied) => {
      const text = formatDiagnosis(await diagnosisOf(message, denied));
      for (const line of text.split("\n").filter((each) => each.length > 80)) {
        const isOneWord = !line.trim().includes(" ");
        expect(isOneWord || /^ {2}see https:/.test(line) || /^ +[+-]? *("|\[|\{)/.test(line), line).toBe(true);
      }
    },
  );

  it.each(MESSAGES)("of %s has the lines of the summary first, then who can fix it", async (_, message, denied) => {
    const diagnosis = await diagnosisOf(message, denied);
    const [beginning = "", rest = ""] = formatDiagnosis(diagnosis).split("\nWho can fix it\n");
    expect(inOneLine(beginning).startsWith(inOneLine(`✗ This call was denied ${diagnosis.summary}`))).toBe(true);
    expect(rest).toMatch(/^ {2}An (application developer|account administrator|AWS Organizations administrator)/);
  });

  it("lists the owners of all policies that a remedy changes, and the diffs of all of them", async () => {
    const text = formatDiagnosis(await diagnosisWith("several policies"));
    expect(text).toContain("Who can fix it\n  An AWS Organizations administrator and an account administrator.\n");
    expect(text).toContain("  --- GRREGIONDENY\n  +++ GRREGIONDENY\n  @@ ");
    expect(text).toContain("  --- AppPolicy\n  +++ AppPolicy\n  @@ ");
  });

  it("calls the first change the smallest only if no other remedy is narrower", async () => {
    const wider = formatDiagnosis(await diagnosisWith("several destination Regions, by a provided policy"));
    expect(wider).toContain("Recommended change: Exempt calls through the us. inference profiles in");
    expect(wider).toContain("  2.  Exempt calls through the inference profile\n");
    expect(formatDiagnosis(await diagnosisWith("no identity-based policy"))).toContain("Smallest change: ");
    expect(formatDiagnosis(await diagnosisWith("an unidentified policy"))).toContain("Possible change: ");
    expect(formatDiagnosis(await diagnosisWith("model access"))).toContain("What to do: ");
  });

  it("has a diff only if the document is known", async () => {
    const known = await diagnosisWith("several destination Regions, by a provided policy");
    for (const { edits, diff } of known.remedies) expect(diff === undefined).toBe(edits === undefined);
    expect(known.remedies.filter(({ diff }) => diff !== undefined).length).toBeGreaterThan(2);
    const unknown = await diagnosisWith("no identity-based policy");
    expect(unknown.remedies.every(({ diff }) => diff === undefined)).toBe(true);
    expect(formatDiagnosis(unknown)).toContain('"Sid": "InvokeInferenceProfile"');
  });

  it("contains the request ID that the message refers to, if it is verbose", async () => {
    const diagnosis = await diagnosisWith("an unknown sentence");
    expect(diagnosis.summary).toContain("by its request ID, which is in the verbose report.");
    expect(diagnosis.refusal.requestId).toBe("0b1c2d3e-0000");
    expect(formatDiagnosis(diagnosis, { verbose: true })).toMatch(/^ {2}request ID +0b1c2d3e-0000$/m);
  });

  it("has no empty part", async () => {
    const text = formatDiagnosis(await diagnosisWith("model access"));
    expect(text).not.toContain("Evidence");
    expect(text).not.toMatch(/\n\n\n| \n|\n\n$/);
  });
});
