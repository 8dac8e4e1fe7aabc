import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cardNamesIn, pagesIn, parseModelCard, readModelCards } from "../../scripts/catalog/model-cards.js";

const USER_GUIDE = fileURLToPath(new URL("fixtures/user-guide", import.meta.url));
const card = (name: string) => parseModelCard(readFileSync(`${USER_GUIDE}/model-card-acme-${name}.md`, "utf8"));

describe("the table of contents", () => {
  it("lists model cards at any depth, and nothing else", () => {
    const contents = JSON.parse(readFileSync(`${USER_GUIDE}/toc-contents.json`, "utf8"));
    expect(cardNamesIn(contents)).toEqual(
      ["scribe-2", "scribe-3", "painter", "clerk"].map((name) => `model-card-acme-${name}.md`),
    );
  });
});

describe("a model card", () => {
  it("gives the destination Regions of each geographic profile by source Region", () => {
    const { profiles } = card("scribe-2");
    expect(profiles["us.acme.scribe-2"]).toEqual({
      routes: [
        { from: "ca-west-1 us-east-1", to: "us-east-1 us-west-2" },
        { from: "us-west-1", to: "us-east-1 us-west-1 us-west-2" },
      ],
    });
    expect(profiles["eu.acme.scribe-2"]).toEqual({ routes: [{ from: "eu-west-2", to: "eu-west-1 eu-west-2" }] });
  });

  it("returns the source Regions of a global profile, also those that an account must enable", () => {
    expect(card("scribe-2").profiles["global.acme.scribe-2"]).toEqual({
      routes: [{ from: "eu-west-2 me-south-1 us-east-1 us-west-1", to: "*" }],
    });
    expect(card("painter").profiles["global.acme.painter-v1:0"]).toEqual({
      routes: [{ from: "ap-northeast-1 ap-southeast-5 me-central-1 us-east-1", to: "*" }],
    });
  });

  it("reads words the same way as icons", () => {
    const { profiles } = card("scribe-3");
    expect(profiles["us.acme.scribe-3"]).toEqual({ routes: [{ from: "us-east-1", to: "us-east-1 us-east-2" }] });
    expect(profiles["global.acme.scribe-3"]).toEqual({ routes: [{ from: "af-south-1 us-east-1", to: "*" }] });
  });

  it("gives the Regions and the lifecycle of the model on bedrock-runtime only", () => {
    expect(card("scribe-2").models).toEqual({
      "acme.scribe-2": [
        { lifecycle: "ACTIVE", onDemand: "eu-west-2", profileOnly: "ca-west-1 me-south-1 us-east-1 us-west-1" },
      ],
    });
    expect(card("scribe-3").models).toEqual({
      "acme.scribe-3": [{ lifecycle: "LEGACY", onDemand: "", profileOnly: "af-south-1 us-east-1" }],
    });
    expect(card("clerk")).toEqual({ profiles: {}, models: {} });
  });

  it("has a profile without routes if the card has an ID but no table, so that a guard fails", () => {
    const text = readFileSync(`${USER_GUIDE}/model-card-acme-scribe-3.md`, "utf8");
    const { profiles } = parseModelCard(text.slice(0, text.indexOf("**Geo: US**")));
    expect(profiles["us.acme.scribe-3"]).toEqual({ routes: [] });
  });
});

describe("readModelCards", () => {
  it("reads all cards as one observation with its date", async () => {
    const { source, profiles, models } = await readModelCards(pagesIn(USER_GUIDE), "2026-11-25");
    expect(source).toEqual({
      kind: "model-card",
      date: "2026-11-25",
      title: "Amazon Bedrock User Guide, 4 model cards",
    });
    expect(Object.keys(profiles)).toHaveLength(7);
    expect(Object.keys(models)).toHaveLength(3);
  });

  it("fails if most cards have no model ID, because their format has changed", async () => {
    const read = async (name: string) => (name === "toc-contents.json" ? pagesIn(USER_GUIDE)(name) : "# A card\n");
    await expect(readModelCards(read, "2026-11-25")).rejects.toThrow("Only 0 of 4 model cards have a model ID");
  });

  it("fails if a card can't be read", async () => {
    const read = async (name: string) => {
      if (name.endsWith("painter.md")) throw new Error(`${name} returned HTTP status 404.`);
      return pagesIn(USER_GUIDE)(name);
    };
    await expect(readModelCards(read, "2026-11-25")).rejects.toThrow(
      "model-card-acme-painter.md returned HTTP status 404.",
    );
  });
});
