/** The two IAM actions that invoke a model (Service Authorization Reference, "Amazon Bedrock"). */
export const INVOKE_ACTIONS = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"] as const;
