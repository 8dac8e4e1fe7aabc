import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Environment, refreshCatalog } from "../../scripts/refresh-catalog.js";

const page = readFileSync(join(import.meta.dirname, "../../docs/catalog.md"), "utf8");

describe("docs/catalog.md", () => {
  it("grants the two permissions that the script needs, and no other", () => {
    const [, policy = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    expect(JSON.parse(policy).Statement.map(({ Action }: { Action: string[] }) => Action)).toEqual([
      ["bedrock:ListInferenceProfiles", "bedrock:ListFoundationModels"],
    ]);
  });

  it("uses only options that the script has", async () => {
    const lines: string[] = [];
    await refreshCatalog(["--help"], { print: (line: string) => void lines.push(line) } as unknown as Environment);
    const used = new Set(page.match(/--[a-z]+(?:-[a-z]+)*/g));
    expect(used.size).toBeGreaterThan(5);
    for (const option of used) expect(lines.join("\n")).toContain(option);
  });

  it("describes each check", () => {
    for (const guard of ["empty-routes", "changed-destination", "lost-profiles"])
      expect(page).toContain(`| \`${guard}\` |`);
  });
});
