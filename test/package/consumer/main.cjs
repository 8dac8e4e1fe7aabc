const { BedrockRuntimeClient, ConverseCommand } = require("resilient-bedrock");
const { findingsOfDeniedCall } = require("./application.cjs");

findingsOfDeniedCall({ BedrockRuntimeClient, ConverseCommand }, process.env.ENDPOINT).then((findings) =>
  console.log(JSON.stringify(findings)),
);
