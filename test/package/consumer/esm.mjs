import * as library from "resilient-bedrock";
import * as testing from "resilient-bedrock/testing";

if (typeof testing.SimulatedBedrock !== "function") throw new Error("no SimulatedBedrock");
console.log(
  JSON.stringify(
    Object.keys(library)
      .filter((name) => name !== "default")
      .sort(),
  ),
);
