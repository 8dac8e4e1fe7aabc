import fc from "fast-check";

const NOVA = "us.amazon.nova-pro-v1:0";

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,10}$/);
const methods = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("GET", "POST", "POST", "PUT") },
  fc.constantFrom("DELETE", "HEAD"),
  token.filter((method) => !/^(connect|trace|track)$/i.test(method)),
);
const segment = fc.oneof(
  fc.constantFrom(
    ..."model converse converse-stream invoke inference-profiles foundation-models foundation-model-availability use-case-for-model-access async-invoke guardrail apply version count-tokens".split(
      " ",
    ),
    NOVA,
    "amazon.nova-pro-v1:0",
    encodeURIComponent("arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-pro-v1:0"),
    encodeURIComponent("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"),
    "%zz",
    "..",
    "",
    "__proto__",
    "constructor",
  ),
  fc.string({ maxLength: 20 }).map((text) => text.replace(/[\\?#/]/g, "")),
);
/** The paths that operations have, with their ids. */
const operation = fc.constantFrom(
  `model/${NOVA}/converse`,
  `model/${NOVA}/invoke`,
  `model/${NOVA}/invoke-with-response-stream`,
  "model/amazon.nova-pro-v1:0/count-tokens",
  "async-invoke",
  "async-invoke/x",
  "guardrail/x/version/1/apply",
  "guardrail/x/apply",
  "guardrail-checks/invoke",
  "data-retention",
  "enforcedGuardrailsConfiguration",
  "inference-profiles",
);
/** Bodies with the fields that operations read, and anything in them. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom([null], [{}], [{ text: null }], { text: [] }));
const fields = fc.dictionary(
  fc.constantFrom(
    ..."messages system guardrailConfig input content source checks mode tags modelId modelInput outputDataConfig clientRequestToken".split(
      " ",
    ),
  ),
  fc.oneof(
    anything,
    fc.record({ guardrailIdentifier: anything, guardrailVersion: anything }),
    fc.record({
      s3OutputDataConfig: fc.record({ s3Uri: fc.oneof(anything, fc.constant("s3://amzn-s3-demo-bucket")) }),
    }),
    fc.record({ converse: anything, invokeModel: fc.record({ body: anything }) }),
    fc.constantFrom("INPUT", "amazon.nova-pro-v1:0", [{ key: "k", value: "v" }], [{ key: 1 }]),
    fc.record({ contentFilter: anything, promptAttack: anything, sensitiveInformation: anything }),
  ),
  { noNullPrototype: true },
);
const json = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fields.map((body) => JSON.stringify(body)),
  fc.constantFrom(
    '{"messages":null}',
    '{"messages":[null]}',
    '{"messages":{}}',
    '{"__proto__":null}',
    "[".repeat(5_000),
    `{"messages":${"[".repeat(9_000)}${"]".repeat(9_000)}}`,
  ),
);
const bodies = fc.oneof(
  fc.constant(undefined),
  json,
  fc.string({ maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
  fc.constantFrom(
    "Action=GetRole",
    "Action=SimulatePrincipalPolicy&ContextEntries.member.1.ContextKeyName=x",
    "Action=GetCallerIdentity&%zz=%",
    "Action=__proto__",
  ),
);
const headers = fc.dictionary(
  fc.constantFrom("authorization", "content-type", "x-amz-target", "x-simulated-protocol", "host", "__proto__"),
  fc.oneof(
    fc.constantFrom(
      "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/bedrock/aws4_request",
      "AWS4-HMAC-SHA256 Credential=/20260101//bedrock",
      "application/x-www-form-urlencoded",
      "application/json",
      "AWSOrganizationsV20161128.DescribeOrganization",
      "AWSOrganizationsV20161128.DescribePolicy",
      "AWSOrganizationsV20161128.toString",
    ),
    fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,20}$/),
  ),
  { maxKeys: 4, noNullPrototype: true },
);
/** Requests to Bedrock, STS, IAM, and Organizations. Few of them are valid. `path` includes the query. */
export const requests = fc
  .record({
    method: methods,
    path: fc.oneof(fc.array(segment, { maxLength: 5 }), fc.array(operation, { minLength: 1, maxLength: 1 })),
    query: fc.string({ maxLength: 20 }),
    headers,
    body: bodies,
  })
  .map(({ method, path, query, headers: sent, body }) => {
    const hasBody = body !== undefined && !/^(get|head)$/i.test(method);
    return {
      method,
      path: `/${path.join("/")}?${query.replace(/#/g, "")}`,
      headers: sent,
      ...(hasBody ? { body } : {}),
    };
  });
