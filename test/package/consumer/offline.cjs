const offline = require("resilient-bedrock/offline");

// A module of ES modules, so that both builds run the same program.
import("./offline.mjs").then(({ answers }) => console.log(JSON.stringify(answers(offline))));
