import { BedrockRuntimeClient as SdkClient } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { BLOCKED_REGION, FULL_ACCESS } from "../../examples/article-policies.js";
import { BedrockRuntimeClient, ConverseCommand } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { inProcess } from "../in-process.js";
import { readPages } from "./pages.js";

const pages = readPages();
const readme = pages.find(({ path }) => path === "README.md");

/** The call of examples/01-blocked-destination.ts, which `npm start` runs. */
async function deniedBy(Client: typeof SdkClient): Promise<string> {
  const root = { name: "Root", policies: [FULL_ACCESS, BLOCKED_REGION], accounts: [{ id: "111122223333" }] };
  const client = new Client({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    requestHandler: inProcess(new SimulatedBedrock({ accountId: "111122223333", organization: { root } })),
  });
  const command = new ConverseCommand({
    modelId: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    messages: [{ role: "user", content: [{ text: "Hello" }] }],
  });
  const error: unknown = await client.send(command).catch((error: unknown) => error);
  return error instanceof Error ? `${error.name}: ${error.message}` : "";
}

/** The README wraps lines. */
const inOneLine = (text: string) => text.replaceAll(/\s+/g, " ");

describe("README.md", () => {
  it("is short", () => {
    expect(readme?.text.trimEnd().split("\n").length).toBeLessThanOrEqual(120);
  });

  it("shows the errors that npm start shows, before and after", async () => {
    const [before = "", after = ""] = (readme?.blocks ?? [])
      .filter(({ language }) => language === "text")
      .map(({ code }) => code);
    expect(inOneLine(before)).toBe(inOneLine(await deniedBy(SdkClient)));
    const [start = "", rest] = inOneLine(after).split("…");
    expect(rest).toBe("");
    expect(start.length).toBeGreaterThan(300);
    expect(inOneLine(await deniedBy(BedrockRuntimeClient)).slice(0, start.length)).toBe(start);
  });

  it("has the only picture of the legs", () => {
    const pictures = pages.flatMap(({ path, blocks }) =>
      blocks.filter(({ language, code }) => language === "mermaid" && code.includes("source-model")).map(() => path),
    );
    expect(pictures).toEqual(["README.md"]);
  });
});

/** A diagram with a node of such an ID isn't rendered (Mermaid documentation, "Flowcharts - Basic Syntax"). */
const RESERVED =
  /^ *(?:call|class|classDef|click|default|end|graph|href|linkStyle|style|subgraph)(?= *(?:-->|-\.->|[[({&]))/m;

describe("the diagrams", () => {
  const diagrams = pages.flatMap(({ blocks }) => blocks).filter(({ language }) => language === "mermaid");

  it.each(diagrams)("in $page:$line have no node with a reserved ID", ({ code }) => {
    expect(code).toMatch(/^flowchart /);
    expect(code).not.toMatch(RESERVED);
  });

  it("are checked for a node with the reserved ID call", () => {
    expect('flowchart LR\n  call --> bare["x"]').toMatch(RESERVED);
  });
});
