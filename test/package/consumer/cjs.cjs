const library = require("resilient-bedrock");
const testing = require("resilient-bedrock/testing");
if (typeof testing.SimulatedBedrock !== "function") throw new Error("no SimulatedBedrock");
console.log(
  JSON.stringify(
    Object.keys(library)
      .filter((name) => name !== "default")
      .sort(),
  ),
);
