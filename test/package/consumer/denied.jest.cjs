// Run by Jest with its defaults: CommonJS, in a sandbox without import().
const library = require("resilient-bedrock");
const { findingsOfDeniedCall } = require("./application.cjs");

test("a denied call is diagnosed", async () => {
  const findings = await findingsOfDeniedCall(library, process.env.ENDPOINT);
  expect(findings).toEqual(JSON.parse(process.env.EXPECTED));
}, 60_000);
