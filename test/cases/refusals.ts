import type { ParsedRefusal } from "../../src/refusal/parse.js";

/** One row: what is special about it, the input, and the parsed result (null if it isn't a denial). */
export interface RefusalCase {
  says: string;
  message: string;
  errorName?: string;
  status?: number;
  expect: Omit<Partial<ParsedRefusal>, "raw"> | null;
}

const ROLE = "arn:aws:sts::111122223333:assumed-role/App/session";
const MODEL = "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0";
const SCP = "arn:aws:organizations::999900001111:policy/o-exampleorg1/service_control_policy/p-ex4mpl31";
const SENTENCE = `User: ${ROLE} is not authorized to perform: bedrock:InvokeModel on resource: ${MODEL}`;
const DENIED = `${SENTENCE} with an explicit deny in a service control policy`;

const place = { resource: MODEL, region: "us-west-2", modelId: "amazon.nova-pro-v1:0" };
const core = { kind: "iam-denied", principal: ROLE, action: "bedrock:InvokeModel", ...place } as const;
const denied = { ...core, policyType: "service-control-policy", denyKind: "explicit" } as const;
const AD = "AccessDeniedException";

export const REFUSALS: readonly RefusalCase[] = [
  // What may be absent.
  { says: "no reason", message: SENTENCE, errorName: AD, expect: core },
  { says: "a policy ARN", message: `${DENIED}: ${SCP}`, expect: { ...denied, policyArn: SCP } },
  { says: "a policy ARN and a period", message: `${DENIED}: ${SCP}.`, expect: { ...denied, policyArn: SCP } },
  {
    says: "a policy ARN on the next line",
    message: `${DENIED}:\n${SCP}`,
    expect: { ...denied, policyArn: SCP },
  },
  {
    says: "a policy ARN broken within its id",
    message: `${DENIED}: ${SCP.slice(0, -4)}\n${SCP.slice(-4)}`,
    expect: { ...denied, policyArn: SCP },
  },
  { says: "only the end of a policy ARN, which isn't an ARN", message: `${DENIED}: .../p-ex4mpl31`, expect: denied },
  {
    says: "no resource",
    message: `User: ${ROLE} is not authorized to perform: bedrock:ListInferenceProfiles because no identity-based policy allows the bedrock:ListInferenceProfiles action`,
    expect: {
      kind: "iam-denied",
      principal: ROLE,
      action: "bedrock:ListInferenceProfiles",
      policyType: "identity-based-policy",
      denyKind: "implicit",
    },
  },
  {
    says: "no principal",
    message: DENIED.slice(`User: ${ROLE} `.length),
    expect: {
      ...place,
      kind: "iam-denied",
      action: "bedrock:InvokeModel",
      policyType: "service-control-policy",
      denyKind: "explicit",
    },
  },
  {
    says: "a user without name",
    message: "User is not authorized to perform: bedrock:InvokeModel",
    expect: { kind: "iam-denied", action: "bedrock:InvokeModel" },
  },
  {
    says: "only the reason was quoted",
    message: "because no session policy allows the bedrock:InvokeModel action",
    expect: { kind: "iam-denied", action: "bedrock:InvokeModel", policyType: "session-policy", denyKind: "implicit" },
  },
  {
    says: "only an explicit reason was quoted",
    message: `… with an explicit deny in a service control policy: ${SCP}`,
    errorName: AD,
    expect: { kind: "iam-denied", policyType: "service-control-policy", denyKind: "explicit", policyArn: SCP },
  },
  {
    says: "the action is only in the reason",
    message: `User: ${ROLE} is not authorized to perform this because no identity-based policy allows the bedrock:InvokeModel action`,
    expect: {
      kind: "iam-denied",
      principal: ROLE,
      action: "bedrock:InvokeModel",
      policyType: "identity-based-policy",
      denyKind: "implicit",
    },
  },
  {
    says: "a trailer with an authorization id",
    message: `${DENIED}. Go to https://example.com/x for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: 0123-abcd.`,
    expect: { ...denied, authorizationId: "0123-abcd" },
  },
  {
    says: "an encoded message behind it",
    message: `${SENTENCE} Encoded authorization failure message: 4bGfzz_-x`,
    expect: core,
  },
  // Wording that varies.
  { says: "User arn:", message: DENIED.replace("User:", "User arn:"), expect: denied },
  {
    says: "Not authorized, no colon",
    message: DENIED.replace("not authorized to perform:", "Not authorized to perform"),
    expect: denied,
  },
  { says: "on ARN without the word resource", message: DENIED.replace("on resource: ", "on "), expect: denied },
  {
    says: "the policy with another article",
    message: DENIED.replace("in a service", "in the service"),
    expect: denied,
  },
  {
    says: "sessions policy, as one page of AWS has it",
    message: `${SENTENCE} because no sessions policy allows the bedrock:InvokeModel action`,
    expect: { ...core, policyType: "session-policy", denyKind: "implicit" },
  },
  {
    says: "a VPC endpoint policy, upper case inside",
    message: `${SENTENCE} because no VPC endpoint policy allows the bedrock:InvokeModel action`,
    expect: { ...core, policyType: "vpc-endpoint-policy", denyKind: "implicit" },
  },
  {
    says: "a role trust policy, which isn't one of our types",
    message: `${SENTENCE} with an explicit deny in the role trust policy`,
    expect: { ...core, denyKind: "explicit" },
  },
  {
    says: "transitively through a service control policy, without explicit or implicit",
    message: `${SENTENCE} transitively through a service control policy`,
    expect: { ...core, policyType: "service-control-policy" },
  },
  {
    says: "a resource in quotes",
    message: `User: ${ROLE} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::bucket/key" because no identity-based policy allows the s3:GetObject action`,
    expect: {
      kind: "iam-denied",
      principal: ROLE,
      action: "s3:GetObject",
      resource: "arn:aws:s3:::bucket/key",
      policyType: "identity-based-policy",
      denyKind: "implicit",
    },
  },
  {
    says: "the console's panel, labels translated",
    message: `Benutzer: ${ROLE} Aktion: bedrock:InvokeModel Auf Ressource(n): ${MODEL} Kontext: an identity-based policy explicitly denies the action`,
    expect: { ...core, policyType: "identity-based-policy", denyKind: "explicit" },
  },
  // Resources.
  {
    says: "global routing: a foundation model without a Region",
    message: DENIED.replace("us-west-2", ""),
    expect: { ...denied, resource: MODEL.replace("us-west-2", ""), region: "unspecified" },
  },
  {
    says: "a key's region, and no model",
    message: `User: ${ROLE} is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/1234abcd because no resource-based policy allows the kms:Decrypt action`,
    expect: {
      kind: "kms-denied",
      principal: ROLE,
      action: "kms:Decrypt",
      resource: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
      region: "eu-west-1",
      policyType: "resource-based-policy",
      denyKind: "implicit",
    },
  },
  {
    says: "a cross-Region guardrail",
    message: `User: ${ROLE} is not authorized to perform: bedrock:ApplyGuardrail on resource: arn:aws:bedrock:eu-west-1:111122223333:guardrail-profile/eu.guardrail.v1:0 because no identity-based policy allows the bedrock:ApplyGuardrail action`,
    expect: {
      kind: "guardrail-denied",
      principal: ROLE,
      action: "bedrock:ApplyGuardrail",
      resource: "arn:aws:bedrock:eu-west-1:111122223333:guardrail-profile/eu.guardrail.v1:0",
      region: "eu-west-1",
      policyType: "identity-based-policy",
      denyKind: "implicit",
    },
  },
  {
    says: "a bearer token",
    message:
      "User: arn:aws:iam::111122223333:user/BedrockAPIKey-ab12 is not authorized to perform: bedrock-mantle:CallWithBearerToken on resource: * because no identity-based policy allows the bedrock-mantle:CallWithBearerToken action",
    expect: {
      kind: "bearer-token-denied",
      principal: "arn:aws:iam::111122223333:user/BedrockAPIKey-ab12",
      action: "bedrock-mantle:CallWithBearerToken",
      resource: "*",
      policyType: "identity-based-policy",
      denyKind: "implicit",
    },
  },
  {
    says: "Marketplace inside an IAM sentence",
    message: `Model access is denied due to ${ROLE} is not authorized to perform: aws-marketplace:Subscribe on resource: * because no identity-based policy allows the aws-marketplace:Subscribe action`,
    errorName: AD,
    expect: {
      kind: "marketplace-permission",
      principal: ROLE,
      action: "aws-marketplace:Subscribe",
      resource: "*",
      policyType: "identity-based-policy",
      denyKind: "implicit",
    },
  },
  // Principals.
  {
    says: "a placeholder with a space in it",
    message: DENIED.replaceAll("111122223333", "<account id>"),
    expect: { ...denied, principal: ROLE.replace("111122223333", "<account id>") },
  },
  {
    says: "a real space at a line break",
    message: DENIED.replace("assumed-role/App", "assumed-role/ App"),
    expect: denied,
  },
  {
    says: "a user with an e-mail address for a name",
    message: DENIED.replace(ROLE, "arn:aws:iam::111122223333:user/team/ci+deploy=blue,green@example.com"),
    expect: { ...denied, principal: "arn:aws:iam::111122223333:user/team/ci+deploy=blue,green@example.com" },
  },
  // Envelopes.
  {
    says: "boto3",
    message: `An error occurred (AccessDeniedException) when calling the Converse operation: ${DENIED}`,
    expect: { ...denied, errorName: AD },
  },
  {
    says: "the CLI",
    message: `aws: [ERROR]: An error occurred (AccessDeniedException) when calling the Converse operation: ${DENIED}`,
    expect: { ...denied, errorName: AD },
  },
  {
    says: "Go",
    message: `operation error Bedrock Runtime: Converse, https response error StatusCode: 403, RequestID: 6f1e, AccessDeniedException: ${DENIED}`,
    expect: { ...denied, errorName: AD, httpStatus: 403 },
  },
  {
    says: "Java",
    message: `software.amazon.awssdk.services.bedrockruntime.model.AccessDeniedException: ${SENTENCE} (Service: BedrockRuntime, Status Code: 403, Request ID: 6f1e)`,
    expect: { ...core, errorName: AD, httpStatus: 403 },
  },
  {
    says: "LiteLLM's nested JSON",
    message: JSON.stringify({
      error: {
        message: `litellm.BadRequestError: BedrockException - ${JSON.stringify({ Message: `${DENIED}: ${SCP}` })}`,
      },
    }),
    expect: { ...denied, policyArn: SCP },
  },
  {
    says: "JSON in JSON in JSON",
    message: JSON.stringify(JSON.stringify(JSON.stringify({ Message: DENIED }))),
    expect: denied,
  },
  {
    says: "Python's repr",
    message: `Error code: 403 - {'message': "${DENIED}"}`,
    expect: { ...denied, httpStatus: 403 },
  },
  {
    says: "a command line tool",
    message: `API Error (403 {"Message":"${DENIED}"}) · Retrying in 1 seconds…`,
    expect: { ...denied, httpStatus: 403 },
  },
  { says: "another one", message: `403 {"message":"${DENIED}"}`, expect: { ...denied, httpStatus: 403 } },
  { says: "LangChain", message: `Error raised by bedrock service: ${DENIED}`, expect: denied },
  {
    says: "CloudTrail's error code",
    message: DENIED,
    errorName: "AccessDenied",
    expect: { ...denied, errorName: "AccessDenied" },
  },
  {
    says: "the header's suffix",
    message: DENIED,
    errorName: `${AD}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    expect: { ...denied, errorName: AD },
  },
  {
    says: "a namespace before the name",
    message: DENIED,
    errorName: `com.amazon.coral.service#${AD}`,
    expect: { ...denied, errorName: AD },
  },
  {
    says: "an event stream's lower case",
    message: DENIED,
    errorName: "accessDeniedException",
    expect: { ...denied, errorName: AD },
  },
  {
    says: "a log line and a stack around it",
    message: `2026-03-09 13:46:50 [error] failed: ${DENIED}\n    at next (app.js:1:2)`,
    expect: denied,
  },
  {
    says: "two sentences, and the first is parsed",
    message: `${DENIED}\n${SENTENCE.replace("us-west-2", "eu-west-1")}`,
    expect: denied,
  },
  // What terminals, mails and web pages do to it.
  {
    says: "a box, broken in mid-word",
    message:
      "│ User: arn:aws:sts::111122223333:assumed-role/A\n│ pp/session is not authorized to perform: bed\n│ rock:InvokeModel on resource: arn:aws:bedrock\n│ :us-west-2::foundation-model/amazon.nova-pro-\n│ v1:0 with an explicit deny in a service contr\n│ ol policy",
    expect: denied,
  },
  {
    says: "a box with a right border",
    message: `│ ${SENTENCE.slice(0, 80)} │\n│ ${SENTENCE.slice(80).padEnd(130)} │\n│ with an explicit deny in a service control policy │`,
    expect: denied,
  },
  { says: "a comment", message: `# ${DENIED.replace("explicit ", "explicit\n# ")}`, expect: denied },
  { says: "quoted mail", message: `> ${DENIED.replaceAll("perform: ", "perform:\n> ")}`, expect: denied },
  { says: "Windows line ends", message: DENIED.replace("on resource: ", "on resource:\r\n"), expect: denied },
  {
    says: "colours",
    message: `\u001b[31m${DENIED.replace("explicit", "\u001b[1mexplicit\u001b[0m")}\u001b[0m`,
    expect: denied,
  },
  {
    says: "HTML",
    message: `<p>${DENIED.replaceAll("111122223333", "&lt;account&gt;")}</p>`,
    expect: { ...denied, principal: ROLE.replace("111122223333", "<account>") },
  },
  {
    says: "Markdown's backticks",
    message: DENIED.replace(ROLE, `\`${ROLE}\``).replace(MODEL, `\`${MODEL}\``),
    expect: denied,
  },
  {
    says: "no-break spaces and zero-width characters",
    message: DENIED.replace("is not", "is\u00a0not").replace("foundation-model/", "foundation-model/\u200b"),
    expect: denied,
  },
  // Fixed sentences under their names.
  {
    says: "model access",
    message: "You don’t have access to the model with the specified model ID.",
    errorName: AD,
    expect: { kind: "model-access-not-granted", errorName: AD },
  },
  {
    says: "Marketplace, wrapped, actions in backticks",
    message:
      "Model access is denied due to IAM user or service role is not authorized to\nperform the required AWS Marketplace actions (`aws-marketplace:ViewSubscriptions`, `aws-marketplace:Subscribe`) to enable access to this model.",
    errorName: AD,
    expect: { kind: "marketplace-permission" },
  },
  {
    says: "Marketplace with the name glued on",
    message:
      "AccessDeniedExceptionModel access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided. Your AWS Marketplace subscription for this model cannot be completed at this time.",
    expect: { kind: "marketplace-payment", errorName: AD },
  },
  {
    says: "Rerank's ValidationException with 403",
    message:
      "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:Subscribe) to enable access to this model.",
    errorName: "ValidationException",
    status: 403,
    expect: { kind: "marketplace-permission" },
  },
  {
    says: "AWS's own failure to subscribe",
    message:
      "Model access is denied due to INTERNAL_SERVICE_ERROR:Internal service error.. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.",
    errorName: AD,
    expect: { kind: "unknown" },
  },
  {
    says: "pending by its code",
    message: "",
    errorName: "MPAgreementBeingCreated",
    expect: { kind: "marketplace-pending" },
  },
  {
    says: "the form by its code",
    message: "",
    errorName: "FTUFormNotFilled",
    status: 404,
    expect: { kind: "use-case-form" },
  },
  {
    says: "the form, 404",
    message:
      "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model.",
    errorName: "ResourceNotFoundException",
    expect: { kind: "use-case-form" },
  },
  {
    says: "Legacy, which begins with Access denied",
    message:
      "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days.",
    errorName: "ResourceNotFoundException",
    expect: { kind: "legacy-or-eol-model" },
  },
  {
    says: "on-demand, typographic apostrophe",
    message:
      "Invocation of model ID anthropic.claude-opus-5 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    errorName: "ValidationException",
    expect: { kind: "on-demand-unsupported", modelId: "anthropic.claude-opus-5" },
  },
  {
    says: "on-demand, the older sentence",
    message: "The provided model doesn't support on-demand throughput.",
    errorName: "ValidationException",
    expect: { kind: "on-demand-unsupported" },
  },
  {
    says: "an ID that doesn't resolve",
    message: "Could not resolve the foundation model from the provided model identifier.",
    errorName: "ValidationException",
    expect: { kind: "invalid-model-id" },
  },
  {
    says: "a model that doesn't exist",
    message: "Model not found.",
    errorName: "ResourceNotFoundException",
    expect: { kind: "invalid-model-id" },
  },
  {
    says: "Operation not allowed",
    message: "Operation not allowed",
    errorName: "ValidationException",
    expect: { kind: "account-not-authorized" },
  },
  {
    says: "a model that isn't available for this account",
    message:
      "anthropic.claude-opus-5 is not available for this account. You can explore other available models on Amazon Bedrock. For additional access options, contact AWS Sales.",
    errorName: AD,
    expect: { kind: "account-not-authorized", modelId: "anthropic.claude-opus-5" },
  },
  {
    says: "an account under verification",
    message: "Your account is currently being verified. Verification normally takes less than 2 hours.",
    errorName: AD,
    expect: { kind: "account-not-authorized" },
  },
  {
    says: "data retention",
    message: "data retention mode 'default' is not available for this model",
    errorName: "ValidationException",
    expect: { kind: "data-retention" },
  },
  {
    says: "a score",
    message: "Your account is not authorized to access this model",
    errorName: "BadCScoreException",
    expect: { kind: "account-not-authorized" },
  },
  {
    says: "a country, for the account",
    message: "Access to Anthropic models is not allowed for this account.",
    errorName: "ValidationException",
    expect: { kind: "unsupported-country" },
  },
  {
    says: "a reseller's account",
    message: "Access to this model is not available for channel program accounts.",
    errorName: "ValidationException",
    expect: { kind: "channel-program" },
  },
  {
    says: "an invalid API key",
    message: "Invalid API Key format: Must start with pre-defined prefix",
    errorName: AD,
    expect: { kind: "bad-credentials" },
  },
  {
    says: "a wrong key on the OpenAI-compatible path",
    message: '{"error":{"code":"invalid_api_key","message":"Invalid bearer token","type":"invalid_request_error"}}',
    status: 401,
    expect: { kind: "bad-credentials", httpStatus: 401 },
  },
  {
    says: "a signature",
    message: "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z",
    errorName: "InvalidSignatureException",
    expect: { kind: "bad-credentials" },
  },
  {
    says: "an expired token by name alone",
    message: "",
    errorName: "ExpiredToken",
    expect: { kind: "expired-credentials" },
  },
  // Refusals that nothing explains.
  {
    says: "an agent's denial",
    message: "Access denied when calling Bedrock. Check your request permissions and retry the request.",
    errorName: AD,
    expect: { kind: "unknown" },
  },
  {
    says: "a proxy's page",
    message: "<html><h1>403 Forbidden</h1></html>",
    status: 403,
    expect: { kind: "unknown", httpStatus: 403 },
  },
  { says: "nothing at all", message: "", errorName: AD, expect: { kind: "unknown" } },
  // No refusals.
  {
    says: "throttling",
    message: "Too many tokens per day, please wait before trying again.",
    errorName: "ThrottlingException",
    status: 429,
    expect: null,
  },
  { says: "throttling that quotes a denial", message: DENIED, errorName: "ThrottlingException", expect: null },
  {
    says: "throttling inside an envelope",
    message: "An error occurred (ThrottlingException) when calling the Converse operation: Too many requests",
    expect: null,
  },
  {
    says: "a malformed request",
    message: "Malformed input request: #: required key [messages] not found, please reformat your input and try again.",
    errorName: "ValidationException",
    status: 400,
    expect: null,
  },
  {
    says: "a request that quotes common words",
    message: 'Malformed input request: "operation not allowed" is no valid enum value',
    errorName: "ValidationException",
    expect: null,
  },
  { says: "an abort", message: "Request aborted", errorName: "AbortError", expect: null },
  {
    says: "credentials that were never found",
    message: "Could not load credentials from any providers",
    errorName: "CredentialsProviderError",
    expect: null,
  },
  {
    says: "a model that isn't ready",
    message: "Model is not ready for inference.",
    errorName: "ModelNotReadyException",
    status: 429,
    expect: null,
  },
  { says: "plain prose", message: "The weather is fine in us-west-2.", expect: null },
];
