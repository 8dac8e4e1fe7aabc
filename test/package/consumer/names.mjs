import { BedrockRuntime, BedrockRuntimeClient } from "resilient-bedrock";

const client = new BedrockRuntime({ region: "us-east-1" });
console.log(JSON.stringify([BedrockRuntimeClient.name, BedrockRuntime.name, client.constructor.name]));
