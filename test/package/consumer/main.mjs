import { BedrockRuntimeClient, ConverseCommand } from "resilient-bedrock";
import { findingsOfDeniedCall } from "./application.cjs";

findingsOfDeniedCall({ BedrockRuntimeClient, ConverseCommand }, process.env.ENDPOINT).then((findings) =>
  console.log(JSON.stringify(findings)),
);
