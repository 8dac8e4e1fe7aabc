// Condition keys that the parts of src/policy share, in lower case. AWS doesn't distinguish case in keys.

/** The Region in which a leg is authorized. `unspecified` for global routing. */
export const REGION_KEY = "aws:requestedregion";

/** The inference profile that routes a leg. */
export const PROFILE_KEY = "bedrock:inferenceprofilearn";

/** {@link PROFILE_KEY} as AWS writes it. */
export const PROFILE_KEY_NAME = "bedrock:InferenceProfileArn";

/** The ARN of the caller. For a session, the ARN of its role, including the path. */
export const PRINCIPAL_ARN = "aws:principalarn";

export const CURRENT_TIME = "aws:currenttime";
export const EPOCH_TIME = "aws:epochtime";
