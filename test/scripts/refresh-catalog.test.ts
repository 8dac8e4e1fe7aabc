import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundledFiles, generate, INPUTS, readBundled } from "../../scripts/catalog/generate.js";
import { type Observation, readObservations } from "../../scripts/catalog/observation.js";
import { type Environment, refreshCatalog } from "../../scripts/refresh-catalog.js";
import { type CatalogData, catalogProblem } from "../../src/resolve/catalog-format.js";
import { profileCatalog } from "../../src/resolve/profile-catalog.js";
import { destinationRegions } from "../../src/resolve/profile-source.js";

const USER_GUIDE = fileURLToPath(new URL("fixtures/user-guide", import.meta.url));

/** A source of a test; `profiles` are routes by profile ID. */
function observation(
  date: string,
  profiles: Record<string, [from: string, to: string][]>,
  { regions, models = {} }: { regions?: string; models?: Observation["models"] } = {},
): Observation {
  const routed = Object.entries(profiles).map(([id, routes]) => [
    id,
    { routes: routes.map(([from, to]) => ({ from, to })) },
  ]);
  const kind = regions === undefined ? "model-card" : "scan";
  const source = { kind, date, title: "A test", ...(regions === undefined ? {} : { regions }) } as const;
  return { source, profiles: Object.fromEntries(routed), models };
}

const catalogOf = (...observations: Observation[]) => generate(observations, undefined).catalog;
const destinations = (catalog: CatalogData, profileId: string, sourceRegion: string) => {
  const known = profileCatalog(catalog.profiles).knownProfile(profileId, sourceRegion);
  return known && { to: destinationRegions(known.profile), asOf: known.asOf, source: known.source };
};

describe("the committed catalog", () => {
  const committed = generate(readObservations(INPUTS), undefined);

  it("is what the script generates from the committed inputs, byte for byte", () => {
    for (const { path, content } of bundledFiles(committed.catalog)) {
      expect(
        readFileSync(path, "utf8") === content,
        `${path} was not generated: run npx tsx scripts/refresh-catalog.ts`,
      ).toBe(true);
    }
  });

  it("passes every guard, and replaces itself without a change", () => {
    expect(committed.violations).toEqual([]);
    expect(generate(readObservations(INPUTS), readBundled()).violations).toEqual([]);
  });

  it("has the form that the option resolve.catalog accepts", () => {
    expect(catalogProblem(JSON.parse(JSON.stringify(committed.catalog)))).toBeUndefined();
  });
});

describe("merging", () => {
  it("takes each source Region from the newest source that lists it, with that source's date", () => {
    const catalog = catalogOf(
      observation("2026-01-01", { "us.acme.m": [["us-east-1 ca-west-1", "us-east-1 us-west-2"]] }),
      observation("2026-02-02", { "us.acme.m": [["us-east-1", "us-east-1 us-west-2"]] }, { regions: "us-east-1" }),
    );
    const to = ["us-east-1", "us-west-2"];
    expect(destinations(catalog, "us.acme.m", "us-east-1")).toEqual({ to, asOf: "2026-02-02", source: "scan" });
    expect(destinations(catalog, "us.acme.m", "ca-west-1")).toEqual({ to, asOf: "2026-01-01", source: "model-card" });
    expect(catalog.profiles.asOf).toBe("2026-02-02");
  });

  it("ends a route where a newer scan of its source Region doesn't list the profile, and nowhere else", () => {
    const catalog = catalogOf(
      observation("2026-01-01", { "us.acme.m": [["us-east-1 us-east-2 ca-west-1", "us-east-1"]] }),
      observation("2026-02-02", { "us.acme.m": [["us-east-1", "us-east-1"]] }, { regions: "us-east-1 us-east-2" }),
    );
    expect(profileCatalog(catalog.profiles).knownSourceRegions("us.acme.m").sort()).toEqual(["ca-west-1", "us-east-1"]);
  });

  it("marks a profile as retired only if newer scans of all its source Regions don't list it", () => {
    const before = observation("2026-01-01", {
      "us.acme.old": [["us-east-1", "us-east-1"]],
      "us.acme.elsewhere": [["us-east-1 ca-west-1", "us-east-1"]],
      "us.acme.m": [["us-east-1", "us-east-1"]],
    });
    const scan = observation("2026-02-02", { "us.acme.m": [["us-east-1", "us-east-1"]] }, { regions: "us-east-1" });
    const { profiles } = catalogOf(before, scan);
    const isRetired = (id: string, region: string) => profileCatalog(profiles).knownProfile(id, region)?.likelyRetired;
    expect(isRetired("us.acme.old", "us-east-1")).toBe(true);
    expect(isRetired("us.acme.elsewhere", "ca-west-1")).toBe(false);
    expect(isRetired("us.acme.m", "us-east-1")).toBe(false);
    const again = observation("2026-03-03", { "us.acme.old": [["us-east-1", "us-east-1"]] }, { regions: "us-east-1" });
    expect(
      profileCatalog(catalogOf(before, scan, again).profiles).knownProfile("us.acme.old", "us-east-1"),
    ).toMatchObject({
      likelyRetired: false,
      asOf: "2026-03-03",
    });
  });
});

describe("the guards", () => {
  const guardsOf = (observations: Observation[], previous?: CatalogData) =>
    generate(observations, previous).violations.map(({ guard, message }) => `${guard}: ${message}`);

  it("empty-routes: fails if no source lists a route of a profile", () => {
    expect(
      guardsOf([observation("2026-01-01", { "us.acme.m": [], "us.acme.n": [["us-east-1", "us-east-1"]] })]),
    ).toEqual(["empty-routes: No source lists a source Region and its destination Regions for us.acme.m."]);
  });

  it("changed-destination: fails if two sources disagree about a geographic profile and source Region", () => {
    const before = observation("2026-01-01", { "us.acme.m": [["us-east-1 us-east-2", "us-east-1"]] });
    const after = observation("2026-02-02", { "us.acme.m": [["us-east-1", "us-east-1 us-west-2"]] });
    const expected = [
      expect.stringMatching(/^changed-destination: .*us\.acme\.m from us-east-1 changed from "us-east-1" to/),
    ];
    expect(guardsOf([before, after])).toEqual(expected);
    // Also if the older source is no longer among the inputs.
    expect(guardsOf([after], catalogOf(before))).toEqual(expected);
  });

  it("changed-destination: accepts a new source Region, and a global profile that has more source Regions", () => {
    const before = observation("2026-01-01", {
      "us.acme.m": [["us-east-1", "us-east-1"]],
      "global.acme.m": [["us-east-1", "*"]],
    });
    const after = observation("2026-02-02", {
      "us.acme.m": [["us-west-2", "us-west-2"]],
      "global.acme.m": [["us-west-2", "*"]],
    });
    expect(guardsOf([before, after], catalogOf(before))).toEqual([]);
  });

  it("lost-profiles: fails if more than a tenth of the profiles are absent or newly retired", () => {
    const ids = Array.from({ length: 20 }, (_, at) => `us.acme.m${at}`);
    const listed = (date: string, from: number) =>
      observation(date, Object.fromEntries(ids.slice(from).map((id) => [id, [["us-east-1", "us-east-1"]]])), {
        regions: "us-east-1",
      });
    const first = listed("2026-01-01", 0);
    const previous = catalogOf(first);
    expect(guardsOf([first, listed("2026-02-02", 2)], previous)).toEqual([]);
    expect(guardsOf([first, listed("2026-02-02", 3)], previous)).toEqual([
      expect.stringMatching(
        /^lost-profiles: 3 of 20 profiles would be lost: us\.acme\.m0, us\.acme\.m1, us\.acme\.m2\./,
      ),
    ]);
    expect(guardsOf([listed("2026-02-02", 3)], previous)).toEqual([expect.stringMatching(/^lost-profiles: 3 of 20/)]);
  });
});

describe("npx tsx scripts/refresh-catalog.ts", () => {
  let directory: string;
  let lines: string[];
  let written: CatalogData | undefined;
  let environment: Environment;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "catalog-"));
    cpSync(INPUTS, directory, { recursive: true });
    lines = [];
    written = undefined;
    environment = {
      inputs: directory,
      today: "2026-11-25",
      print: (line) => lines.push(line),
      readBundled,
      writeBundled: (catalog) => {
        written = catalog;
      },
      readAccount: async (regions, date) => ({
        observation: observation(date, { "us.acme.m": [["us-east-1", "us-east-1"]] }, { regions: "" }),
        unread: regions.slice(0, 1).map((region) => ({ region, errorName: "UnrecognizedClientException" })),
      }),
    };
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const inputs = () => readdirSync(directory).sort();

  it("adds the content of the model cards in a directory to the inputs, and to the bundled catalog", async () => {
    const before = inputs();
    expect(await refreshCatalog(["--model-cards", "--from-directory", USER_GUIDE], environment)).toBe(0);
    expect(inputs()).toEqual([...before, "2026-11-25-model-cards.data.json"]);
    const { profiles, models } = readBundled() as CatalogData;
    const counts = [Object.keys(profiles.profiles).length + 7, Object.keys(models.models).length + 3];
    expect(lines).toEqual([`The catalog of 2026-11-25 has ${counts[0]} profiles and ${counts[1]} models.`]);
    expect(destinations(written as CatalogData, "us.acme.scribe-2", "ca-west-1")).toEqual({
      to: ["us-east-1", "us-west-2"],
      asOf: "2026-11-25",
      source: "model-card",
    });
    // The new input is read again the next time, and read once if the same day is read twice.
    expect(await refreshCatalog(["--from-directory", USER_GUIDE], environment)).toBe(0);
    expect(inputs()).toEqual([...before, "2026-11-25-model-cards.data.json"]);
  });

  it("adds what an account lists, and reports which Regions it couldn't read", async () => {
    expect(await refreshCatalog(["--account", "--regions", "af-south-1,us-east-1"], environment)).toBe(0);
    expect(inputs()).toContain("2026-11-25-scan.data.json");
    expect(lines[0]).toBe("af-south-1 couldn't be read: UnrecognizedClientException.");
  });

  it("keeps two scans of one day apart, and replaces one that is read again", async () => {
    const before = inputs();
    const read = async (regions: string) => {
      environment.readAccount = async (_regions, date) => ({
        observation: observation(date, { [`us.acme.${regions}`]: [[regions, "us-east-1"]] }, { regions }),
        unread: [],
      });
      expect(await refreshCatalog(["--account", "--accept", "lost-profiles"], environment)).toBe(0);
      return profileCatalog((written as unknown as CatalogData).profiles);
    };
    await read("us-gov-west-1");
    const both = await read("us-gov-east-1");
    await read("us-gov-east-1");
    expect(both.containsModel("acme.us-gov-west-1") && both.containsModel("acme.us-gov-east-1")).toBe(true);
    expect(inputs()).toEqual([...before, "2026-11-25-scan.data.json", "2026-11-25-scan-2.data.json"].sort());
  });

  it("--out writes a catalog for resolve.catalog and changes neither the inputs nor the bundled catalog", async () => {
    const before = inputs();
    const out = join(directory, "catalog.json");
    expect(
      await refreshCatalog(["--from-directory", USER_GUIDE, "--date", "2026-12-01", "--out", out], environment),
    ).toBe(0);
    const catalog = JSON.parse(readFileSync(out, "utf8")) as CatalogData;
    expect(catalogProblem(catalog)).toBeUndefined();
    expect(catalog.profiles.asOf).toBe("2026-12-01");
    expect(inputs()).toEqual([...before, "catalog.json"].sort());
    expect(written).toBeUndefined();
  });

  it("writes nothing if a guard fails, unless the guard is accepted by name", async () => {
    environment.readAccount = async (_regions, date) => ({
      observation: observation(date, { "us.acme.m": [] }, { regions: "" }),
      unread: [],
    });
    const before = inputs();
    expect(await refreshCatalog(["--account"], environment)).toBe(1);
    expect(lines).toEqual([
      "empty-routes: No source lists a source Region and its destination Regions for us.acme.m.",
      "Nothing was written. Correct the source, or pass --accept with the guard's name.",
    ]);
    expect(inputs()).toEqual(before);
    expect(written).toBeUndefined();
    expect(await refreshCatalog(["--account", "--accept", "empty-routes"], environment)).toBe(0);
    expect(catalogProblem(written)).toBeUndefined();
    expect(profileCatalog((written as unknown as CatalogData).profiles).containsModel("acme.m")).toBe(false);
  });

  it.each([
    [["--unknown"], "Unknown option '--unknown'"],
    [["--date", "yesterday"], "--date must be a date such as 2026-10-07; it is yesterday."],
    [["--accept", "all"], "--accept must be one of empty-routes, changed-destination, lost-profiles; it is all."],
  ])("%j is invalid usage, and the error explains it", async (args, message) => {
    expect(await refreshCatalog(args, environment)).toBe(64);
    expect(lines.join("\n")).toContain(message);
    expect(lines.join("\n")).toContain("Usage: npx tsx scripts/refresh-catalog.ts");
  });

  it("prints its usage on request", async () => {
    expect(await refreshCatalog(["--help"], environment)).toBe(0);
    expect(lines.join("\n")).toContain("bedrock:ListInferenceProfiles and bedrock:ListFoundationModels");
    expect(existsSync(INPUTS)).toBe(true);
  });
});
