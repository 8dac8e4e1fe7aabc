import { BedrockRuntimeClient } from "resilient-bedrock";

new BedrockRuntimeClient({ region: "us-east-1", resilience: { diagnosis: { timeout: 500 } } });
