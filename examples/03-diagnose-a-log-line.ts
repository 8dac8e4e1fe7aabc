// Explains an error from a log, or from the SDK of another language. These functions need no client.
//
//   npm run build && npx tsx examples/03-diagnose-a-log-line.ts

import { authorizationLegs, parseModelId, parseRefusal } from "resilient-bedrock/offline";

const line =
  "botocore.errorfactory.AccessDeniedException: An error occurred (AccessDeniedException) when calling the ConverseStream " +
  "operation: User: arn:aws:sts::111122223333:assumed-role/App/session is not authorized to perform: " +
  "bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:eu-north-1::foundation-model/amazon.nova-pro-v1:0 " +
  "because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action";

console.log("The error message:", parseRefusal(line));

const modelId = "eu.amazon.nova-pro-v1:0";
console.log("The model ID:", parseModelId(modelId));
console.log("The legs that are certain without a lookup:");
console.table(
  authorizationLegs({ operation: "ConverseStream", modelId, sourceRegion: "eu-central-1", accountId: "111122223333" }),
);
