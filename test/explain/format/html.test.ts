import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { STYLE } from "../../../src/explain/format/html-style.js";
import { formatDiagnosis } from "../../../src/offline.js";
import { diagnosisOfNothingBut, preflightOfNothingBut } from "./hostile.js";

const html = formatDiagnosis(diagnosisOfNothingBut("value"), "html");

describe("the HTML report", () => {
  it("marks each verdict by a word, a shape and a class", () => {
    expect(html).toContain('<span class="verdict allowed"><span aria-hidden="true">✓</span> allowed');
    expect(html).toContain('<span class="verdict blocked"><span aria-hidden="true">✕</span> BLOCKED');
    expect(html).toContain('<span class="verdict unknown"><span aria-hidden="true">?</span> unknown');
    expect(formatDiagnosis(preflightOfNothingBut("value"), "html")).toContain(
      '<th scope="row" class="short">verdict</th><td><span class="verdict unknown">',
    );
  });

  it("gives each verdict a border of its own, so that colour isn't needed", () => {
    for (const [verdict, border] of [
      ["allowed", "solid"],
      ["blocked", "double"],
      ["unknown", "dashed"],
    ])
      expect(STYLE).toContain(`.bedrock-diagnosis .${verdict}{color:var(--${verdict});border-style:${border}`);
  });

  it("has a header for every column, or for every row", () => {
    for (const [table] of html.matchAll(/<table>.*?<\/table>/gs)) {
      const rows = (table.match(/<tbody>.*<\/tbody>/s)?.[0].match(/<tr>/g) ?? []).length;
      const isList = table.includes('<th scope="col">');
      if (isList) expect(table).not.toContain('scope="row"');
      else expect(table.match(/<th scope="row"/g)).toHaveLength(rows);
    }
  });

  it("wraps long values, needs nothing from a network, and styles nothing but itself", () => {
    expect(STYLE).toContain(":is(h3,p,li,td,th,pre,code,a){overflow-wrap:anywhere}");
    expect(STYLE).toMatch(/pre\{[^}]*white-space:pre-wrap/);
    expect(STYLE).not.toMatch(/url\(|@import|@font-face/);
    for (const [, selector = ""] of STYLE.matchAll(/(?:^|[{}])\s*([^{}@]+)\{/gm))
      expect(selector).toMatch(/^\.bedrock-diagnosis/);
    expect(html).not.toMatch(/<script|<img|<link| src=| on\w+=/);
  });

  const themes = {
    light: STYLE,
    dark: /prefers-color-scheme:dark\)(.*)/.exec(STYLE)?.[1] ?? "",
    print: /@media print(.*)/.exec(STYLE)?.[1] ?? "",
  };
  it.each(Object.entries(themes))("has a contrast of at least 4.5 to 1 (%s)", (_, style) => {
    const colour = (name: string) => luminance(new RegExp(`--${name}:#([0-9a-f]{3,6})`).exec(style)?.[1] ?? "");
    const [paper, code] = [colour("paper"), colour("code")];
    for (const name of ["ink", "faint", "link", "allowed", "blocked", "unknown"])
      expect(contrast(colour(name), paper), name).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour("ink"), code)).toBeGreaterThanOrEqual(4.5);
  });

  const browser = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  /** Loads a page, and returns what its script sets in the attribute `data-found`. */
  async function foundIn(page: string, ...flags: string[]): Promise<string | undefined> {
    const folder = await mkdtemp(join(tmpdir(), "report-"));
    try {
      const file = join(folder, "page.html");
      await writeFile(file, page);
      const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"];
      const own = ["--disable-background-networking", `--user-data-dir=${join(folder, "profile")}`, "--dump-dom"];
      const { stdout } = await promisify(execFile)(browser as string, [...quiet, ...own, ...flags, `file://${file}`], {
        maxBuffer: 50_000_000,
      });
      return /data-found="([^"]*)"/.exec(stdout)?.[1];
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  it.skipIf(browser === undefined)(
    "is readable in the dark and on a narrow page without a doctype (skipped if there is no Chromium in the PATH)",
    async () => {
      const measure = `
        const all = (what) => [...document.querySelectorAll("section " + what)];
        const color = (each) => getComputedStyle(each).color;
        const ink = color(document.querySelector("section"));
        // A word that is broken into letters makes a cell of many lines.
        const isTall = (each) => each.getBoundingClientRect().height > 60;
        document.body.dataset.found = [
          ink,
          all("td,th:not([scope=row])").filter((each) => color(each) !== ink).length,
          all("th,.verdict").filter(isTall).length,
        ].join(" ");`;
      const page = `<meta charset="utf-8"><body>${html}<script>${measure}</script>`;
      const flags = ["--window-size=500,1400", "--blink-settings=preferredColorScheme=0"];
      expect(await foundIn(page, ...flags)).toBe("rgb(233, 235, 237) 0 0");
    },
    120_000,
  );

  it.skipIf(browser === undefined)(
    "isn't wider than its page (skipped if there is no Chromium in the PATH)",
    async () => {
      const long = `${"x".repeat(3_000)} arn:aws:bedrock:us-east-1:111122223333:inference-profile/${"y".repeat(300)}`;
      const report = formatDiagnosis(diagnosisOfNothingBut(long), "html");
      const measure =
        'const{scrollWidth,clientWidth}=document.querySelector("section");document.body.dataset.found=[document.documentElement.scrollWidth,scrollWidth-clientWidth]';
      const page = `<!doctype html><meta charset="utf-8"><body>${report}<script>${measure}</script>`;
      expect(await foundIn(page, "--window-size=900,1400")).toBe("900,0");
    },
    120_000,
  );
});

/** WCAG 2, "relative luminance" and "contrast ratio". */
function luminance(hex: string): number {
  const full = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
  const [red = 0, green = 0, blue = 0] = (full.match(/../g) ?? []).map((pair) => {
    const value = Number.parseInt(pair, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
