// Explains an error from a log, or from the SDK of another language. These functions need no client.
//
//   npm run build && npx tsx examples/03-diagnose-a-log-line.ts

import { explainRefusal, formatDiagnosis, parseRefusal } from "resilient-bedrock/offline";

const line =
  "botocore.errorfactory.AccessDeniedException: An error occurred (AccessDeniedException) when calling the ConverseStream " +
  "operation: User: arn:aws:sts::111122223333:assumed-role/App/session is not authorized to perform: " +
  "bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:eu-north-1::foundation-model/amazon.nova-pro-v1:0 " +
  "because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action";

console.log("The error message:", parseRefusal(line));

// A log line doesn't contain the model ID and the Region of the client. If you know them, add them.
const diagnosis = explainRefusal(line, { modelId: "eu.amazon.nova-pro-v1:0", sourceRegion: "eu-central-1" });
if (diagnosis) console.log(`\n${formatDiagnosis(diagnosis)}`);
