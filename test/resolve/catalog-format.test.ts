import { describe, expect, it } from "vitest";
import { type CatalogData, catalogProblem } from "../../src/resolve/catalog-format.js";
import models from "../../src/resolve/known-models.data.json" with { type: "json" };
import profiles from "../../src/resolve/known-profiles.data.json" with { type: "json" };

const SMALL: CatalogData = {
  formatVersion: 1,
  profiles: {
    asOf: "2026-12-01",
    sources: [["2026-12-01", "scan"]],
    regionSets: ["us-east-1", "us-east-1 us-west-2", "*", ""],
    routes: [[[0, 0, 1]], [[0, 0, 2]]],
    profiles: { "us.acme.m": [0], "global.acme.m": [1, "Global Acme M", 1] },
  },
  models: {
    asOf: "2026-12-01",
    sources: [["2026-12-01", "scan"]],
    regionSets: ["", "us-east-1"],
    models: { "acme.m": [[0, "ACTIVE", 1, 0]] },
  },
};

/** A copy with one field replaced. */
function withField(path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(SMALL) as unknown as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path.at(-1) as string | number] = value;
  return copy;
}

describe("catalogProblem", () => {
  it("accepts the bundled catalog, and JSON files as TypeScript imports them", () => {
    const imported: CatalogData = { formatVersion: 1, profiles, models };
    expect(catalogProblem(imported)).toBeUndefined();
    expect(catalogProblem(SMALL)).toBeUndefined();
  });

  it.each<[readonly (string | number)[], unknown, string, string]>([
    [["formatVersion"], undefined, ".formatVersion", "1, the version that this release reads"],
    [["profiles"], null, ".profiles", "an object"],
    [["profiles", "asOf"], "yesterday", ".profiles.asOf", 'a date such as "2026-10-07"'],
    [["profiles", "sources"], [], ".profiles.sources", "a list of [date, kind]"],
    [["profiles", "sources", 0], ["scan"], ".profiles.sources", "a list of [date, kind]"],
    [["profiles", "regionSets", 1], "us-east-1,us-west-2", ".profiles.regionSets[1]", "Region codes such as"],
    [["profiles", "regionSets"], {}, ".profiles.regionSets", "a list of Region codes"],
    [["profiles", "routes"], [], ".profiles.routes", "a list of routes"],
    [["profiles", "routes", 0], [], ".profiles.routes[0]", "a list of [source, source Regions, destination Regions]"],
    [["profiles", "routes", 0, 0], [0, 0, 9], ".profiles.routes[0]", "as indexes"],
    [["profiles", "routes", 1, 0], [0, 3, 2], ".profiles.routes[1]", "as indexes"],
    [["profiles", "profiles"], [], ".profiles.profiles", "an object from profile IDs to rows"],
    [["profiles", "profiles", "us.acme.m"], [2], '.profiles.profiles["us.acme.m"]', "[routes, name, retired]"],
    [["profiles", "profiles", "acme"], [0], '.profiles.profiles["acme"]', "the row of a profile ID"],
    [["models"], undefined, ".models", "an object"],
    [["models", "models"], "x", ".models.models", "an object from model IDs to rows"],
    [["models", "models", "acme.m"], [[0, "ACTIVE", 1]], '.models.models["acme.m"]', "a list of [source, lifecycle"],
  ])("%j = %j: identifies %s and what is allowed", (path, value, expected, allowed) => {
    const problem = catalogProblem(withField(path, value));
    expect(problem?.path).toBe(expected);
    expect(problem?.allowed).toContain(allowed);
  });

  it("doesn't throw on any other value", () => {
    for (const value of [undefined, null, 1, "x", [], {}, () => {}, { formatVersion: 1, profiles: 3, models: [] }]) {
      expect(catalogProblem(value)).toBeDefined();
    }
  });
});
