import * as diagnosticsChannel from "node:diagnostics_channel";
import * as fs from "node:fs";
import * as runtime from "@aws-sdk/client-bedrock-runtime";
import * as organizations from "@aws-sdk/client-organizations";
import * as redis from "@keyv/redis";
import * as smithy from "@smithy/node-http-handler";
import * as keyv from "keyv";
import * as msw from "msw";
import * as mswNode from "msw/node";
import * as pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as offline from "../../src/offline.js";
import models from "../../src/resolve/known-models.data.json" with { type: "json" };
import profiles from "../../src/resolve/known-profiles.data.json" with { type: "json" };
import * as testing from "../../src/testing/simulated-bedrock.js";
import { atItsLines, type Block, programsIn, readPages } from "./pages.js";
import { patient } from "./patient.js";
import { type Prelude, startPrelude } from "./prelude.js";
import { type Modules, printsIn, run } from "./run-program.js";
import { typeErrorsIn } from "./type-check.js";

/** What an application has in its own `catalog.json`. */
const catalog = { formatVersion: 1, profiles, models };

const MODULES: Modules = {
  "resilient-bedrock": patient,
  "resilient-bedrock/offline": offline,
  "resilient-bedrock/testing": testing,
  "@aws-sdk/client-bedrock-runtime": runtime,
  "@aws-sdk/client-organizations": organizations,
  "@smithy/node-http-handler": smithy,
  "@keyv/redis": redis,
  keyv,
  msw,
  "msw/node": mswNode,
  "node:diagnostics_channel": diagnosticsChannel,
  "node:fs": fs,
  pino,
  "./catalog.json": { __esModule: true, default: catalog },
};

const has = (mark: string) => (block: Block) => block.marks.includes(mark);
const lacks = (mark: string) => (block: Block) => !has(mark)(block);

const pages = readPages();
const programs = pages
  .flatMap(programsIn)
  .map((blocks) => ({ blocks, title: `${blocks[0]?.page}:${blocks[0]?.line}` }));
const runnable = programs
  .map(({ blocks, title }) => ({ title, blocks: blocks.filter(lacks("no-run")).filter(lacks("no-check")) }))
  .filter(({ blocks }) => blocks.length > 0);

describe("the examples of the docs", () => {
  let prelude: Prelude;
  let close: () => Promise<void>;

  beforeEach(async () => {
    ({ prelude, close } = await startPrelude());
  });
  afterEach(() => close());

  it("match the library's types", () => {
    const sources = programs.map(({ blocks }): [string, string] => {
      const checked = blocks.filter(lacks("no-check"));
      return [`docs/.examples/${blocks[0]?.page.replaceAll("/", ".")}.${blocks[0]?.line}.ts`, atItsLines(checked)];
    });
    expect(sources.length).toBeGreaterThan(10);
    const data = new Map([["docs/.examples/catalog.json", JSON.stringify(catalog)]]);
    expect(typeErrorsIn(new Map(sources), data, Object.keys(prelude))).toEqual([]);
  }, 180_000);

  it.each(runnable)("$title runs, and prints what the page shows", async ({ blocks }) => {
    const code = atItsLines(blocks);
    expect(await run(code, MODULES, prelude)).toEqual(printsIn(code));
  });

  it("state the reason if they don't run", () => {
    const others = pages.flatMap(({ blocks }) => blocks).filter((block) => block.language === "ts");
    const idle = others.filter((block) => has("no-run")(block) || has("no-check")(block));
    for (const { page, line, code } of idle)
      expect(code, `${page}:${line}`).toMatch(/^\/\/ (Not run|Not checked): .+\.$/m);
    expect(idle.length).toBeLessThan(others.length / 4);
  });

  it("use only known marks", () => {
    const marks = pages.flatMap(({ blocks }) => blocks.flatMap((block) => block.marks));
    expect(new Set([...marks, "continued", "no-run", "no-check"])).toEqual(
      new Set(["continued", "no-run", "no-check"]),
    );
  });

  it.each(pages.flatMap(({ blocks }) => blocks).filter(({ language }) => language === "json"))(
    "$page:$line is JSON",
    ({ code }) => {
      expect(() => JSON.parse(code)).not.toThrow();
    },
  );
});
