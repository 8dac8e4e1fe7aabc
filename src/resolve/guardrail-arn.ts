/** Returns true if a text is the ARN of a guardrail, without a version. */
export const isGuardrailArn = (text: string): boolean =>
  /^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:\d{12}:guardrail\/[a-z0-9]+$/i.test(text);

/** Returns true if a text is the ARN of a guardrail profile in one Region. */
export const isGuardrailProfileArn = (text: string): boolean =>
  /^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:\d{12}:guardrail-profile\/[a-z0-9.:-]+$/i.test(text);

/** Returns true if a text is the ID of a guardrail. */
export const isGuardrailId = (text: string): boolean => /^[\w-]+$/.test(text);

/**
 * Returns the part of a request that identifies its guardrail. Converse has it in `guardrailConfig`, others at the top.
 */
export const guardrailHolder = (input: object): unknown =>
  (input as { guardrailConfig?: unknown }).guardrailConfig ?? input;
