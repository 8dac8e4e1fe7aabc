const library = require("resilient-bedrock");
const own = require("resilient-bedrock/offline");
const { SimulatedBedrock } = require("resilient-bedrock/testing");
const { blockedWith } = require("./blocked-with.cjs");

import("resilient-bedrock/offline")
  .then((other) => blockedWith(library, SimulatedBedrock, own, other))
  .then((answer) => console.log(JSON.stringify(answer)));
