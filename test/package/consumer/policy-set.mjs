import { createRequire } from "node:module";
import * as library from "resilient-bedrock";
import * as own from "resilient-bedrock/offline";
import { SimulatedBedrock } from "resilient-bedrock/testing";

const require = createRequire(import.meta.url);
const { blockedWith } = require("./blocked-with.cjs");
const other = require("resilient-bedrock/offline");

blockedWith(library, SimulatedBedrock, own, other).then((answer) => console.log(JSON.stringify(answer)));
