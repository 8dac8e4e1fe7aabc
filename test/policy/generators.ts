import fc from "fast-check";
import type { NaiveDocument, NaiveLayer, NaiveRequest, NaiveStatement } from "./naive.js";

// Small alphabets, so that patterns and requests meet: random texts never match anything.

const ACCOUNT = "111122223333";
const MODEL = "anthropic.claude-v1:0";
const REGIONS = ["us-east-1", "us-west-2", "eu-west-1", ""];
const ARNS = [
  ...REGIONS.map((region) => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`),
  `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${MODEL}`,
  `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`,
];
const ARN_PATTERNS = [
  ...ARNS,
  "*",
  "arn:aws:bedrock:*::foundation-model/*",
  "arn:aws:bedrock:us-*::foundation-model/anthropic*",
  "arn:*:bedrock:*:*:inference-profile/us.*",
  "arn:aws:bedrock:*:*:*",
  "arn:aws:bedrock:us-*",
  "arn:aws:bedrock:*:foundation-model/*",
  "arn:aws:bedrock:us?east?1::foundation-model/anthropic.claude-v1:0",
  "arn:aws:bedrock:us*1::foundation-model/*0",
  "arn:aws:bedrock:us-east-1::inference-profile/us.*",
  "arn:aws:bedrock:${aws:RequestedRegion}::foundation-model/*",
  "arn:aws:bedrock:*::foundation-model/${aws:PrincipalTag/model, 'anthropic.claude-v1:0'}",
  "arn:aws:bedrock:*::foundation-model/${aws:PrincipalTag/model}",
  "arn:aws:bedrock:*::foundation-model/${*}",
];
const ACTIONS = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "s3:GetObject"];
const ACTION_PATTERNS = [
  ...ACTIONS,
  "*",
  "bedrock:*",
  "bedrock:Invoke*",
  "BEDROCK:invokemodel",
  "bedrock:InvokeModel?",
  "s3:*",
  "*:InvokeModel",
];

const STRINGS = ["us-east-1", "US-EAST-1", "us-west-2", "unspecified", "", "blue", "*"];
const STRING_PATTERNS = [
  ...STRINGS,
  "us-*",
  "us-????-1",
  "*e*",
  "${aws:PrincipalTag/team}",
  "${aws:PrincipalTag/team, 'blue'}",
  "${*}",
  "x${$}",
];
const NUMBERS = ["1", "2", "2.0", "10", "-3.5", "x"];
const DATES = [
  "2026-01-01",
  "2026-06-01T10:30:00Z",
  "2026-01-01T00:00:00Z",
  "2026-06-01T12:30:00+02:00",
  "1767225600",
  "soon",
];
const BOOLS = ["true", "false", "TRUE", "maybe"];
const BYTES = ["QUJD", "QUJE", "QQ=="];
const ADDRESSES = ["10.0.0.1", "10.0.1.1", "192.0.2.7", "2001:db8::1", "2001:db9::1", "here"];
const RANGES = ["10.0.0.0/24", "10.0.0.1", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1", "2001:db8::/127"];

/** Each family: its operators, keys of its own, what policies may say and what requests may hold. */
const FAMILIES = [
  {
    operators: [
      "StringEquals",
      "StringNotEquals",
      "StringEqualsIgnoreCase",
      "StringNotEqualsIgnoreCase",
      "StringLike",
      "StringNotLike",
    ],
    keys: ["aws:RequestedRegion", "aws:PrincipalTag/team", "test:tags"],
    policy: STRING_PATTERNS,
    request: STRINGS,
  },
  {
    operators: ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
    keys: ["bedrock:InferenceProfileArn", "test:arns"],
    policy: ARN_PATTERNS,
    request: [...ARNS, "no-arn"],
  },
  {
    operators: [
      "NumericEquals",
      "NumericNotEquals",
      "NumericLessThan",
      "NumericLessThanEquals",
      "NumericGreaterThan",
      "NumericGreaterThanEquals",
    ],
    keys: ["test:number"],
    policy: NUMBERS.slice(0, -1),
    request: NUMBERS,
  },
  {
    operators: [
      "DateEquals",
      "DateNotEquals",
      "DateLessThan",
      "DateLessThanEquals",
      "DateGreaterThan",
      "DateGreaterThanEquals",
    ],
    keys: ["test:date"],
    policy: DATES.slice(0, -1),
    request: DATES,
  },
  { operators: ["Bool"], keys: ["test:bool"], policy: BOOLS.slice(0, -1), request: BOOLS },
  { operators: ["BinaryEquals"], keys: ["test:bytes"], policy: BYTES, request: BYTES },
  { operators: ["IpAddress", "NotIpAddress"], keys: ["test:ip"], policy: RANGES, request: ADDRESSES },
];

const some = <T>(items: readonly T[], most = 3) =>
  fc.array(fc.constantFrom(...items), { minLength: 1, maxLength: most });
const oneOrSome = (items: readonly string[]) => fc.oneof(fc.constantFrom(...items), some(items));

const condition = fc.oneof(
  fc.constantFrom(...FAMILIES).chain((family) =>
    fc.record({
      operator: fc
        .tuple(
          fc.constantFrom("", "", "", "ForAllValues:", "ForAnyValue:"),
          fc.constantFrom(...family.operators),
          fc.constantFrom("", "", "IfExists"),
        )
        .map((parts) => parts.join("")),
      key: fc.constantFrom(...family.keys).chain((key) => fc.constantFrom(key, key.toUpperCase())),
      values: oneOrSome(family.policy),
    }),
  ),
  fc.record({
    operator: fc.constant("Null"),
    key: fc.constantFrom(...FAMILIES.flatMap(({ keys }) => keys)),
    values: oneOrSome(["true", "false"]),
  }),
);

const conditions = fc.array(condition, { maxLength: 2 }).map((list) => {
  const block: Record<string, Record<string, string | string[]>> = {};
  for (const { operator, key, values } of list) block[operator] = { ...block[operator], [key]: values };
  // The same key in two spellings under one operator is one key twice: AWS would refuse it.
  for (const keys of Object.values(block)) {
    const seen = new Set<string>();
    for (const key of Object.keys(keys)) seen.has(key.toLowerCase()) ? delete keys[key] : seen.add(key.toLowerCase());
  }
  return block;
});

const statement: fc.Arbitrary<NaiveStatement> = fc
  .record({
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    actions: fc.tuple(fc.constantFrom("Action", "Action", "Action", "NotAction"), oneOrSome(ACTION_PATTERNS)),
    resources: fc.tuple(fc.constantFrom("Resource", "Resource", "Resource", "NotResource"), oneOrSome(ARN_PATTERNS)),
    Condition: conditions,
  })
  .map(({ Effect, actions, resources, Condition }) => ({
    Effect,
    [actions[0]]: actions[1],
    [resources[0]]: resources[1],
    ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
  }));

const ALLOW_ALL: NaiveDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};

const document: fc.Arbitrary<NaiveDocument> = fc
  .record({
    Version: fc.constantFrom("2012-10-17", "2012-10-17", "2008-10-17", undefined),
    Statement: fc.array(statement, { minLength: 1, maxLength: 3 }),
  })
  .map(({ Version, Statement }) => ({ ...(Version ? { Version } : {}), Statement }));

const layer = fc.oneof(
  fc.constant<NaiveDocument[]>([ALLOW_ALL]),
  fc.array(document, { minLength: 1, maxLength: 2 }),
  document.map((one) => [ALLOW_ALL, one]),
);

export interface RandomCase {
  identity: NaiveLayer;
  levels: NaiveDocument[][];
  boundary: NaiveDocument[] | undefined;
  session: NaiveDocument[] | undefined;
  request: NaiveRequest;
}

const requestValues = fc.tuple(
  ...FAMILIES.flatMap(({ keys, request }) =>
    keys.map((key) =>
      fc
        .oneof(
          { weight: 2, arbitrary: fc.constantFrom(...request).map((value): string[] | null | undefined => [value]) },
          fc.array(fc.constantFrom(...request), { maxLength: 3 }),
          fc.constant(null),
          fc.constant(undefined),
        )
        .map((value) => [key.toLowerCase(), value] as const),
    ),
  ),
  fc
    .constantFrom<(string[] | null | undefined)[]>(["anthropic.claude-v1:0"], null, undefined, ["an*"])
    .map((value) => ["aws:principaltag/model", value] as const),
);

const request: fc.Arbitrary<NaiveRequest> = fc
  .record({
    action: fc.constantFrom(...ACTIONS),
    resource: fc.constantFrom(...ARNS),
    region: fc.constantFrom("us-east-1", "us-west-2", "unspecified"),
    profile: fc.constantFrom(ARNS[4], ARNS[5], undefined),
    values: requestValues,
  })
  .map(({ action, resource, region, profile, values }) => {
    const context: NaiveRequest["context"] = {};
    for (const [key, value] of values) if (value !== undefined) context[key] = value;
    context["aws:requestedregion"] = [region];
    context["bedrock:inferenceprofilearn"] = profile === undefined ? null : [profile];
    return { action, resource, context };
  });

export const randomCase: fc.Arbitrary<RandomCase> = fc.record({
  identity: fc.oneof({ weight: 5, arbitrary: layer as fc.Arbitrary<NaiveLayer> }, fc.constant(null)),
  levels: fc.array(layer, { maxLength: 3 }),
  boundary: fc.option(
    layer.map((documents) => documents.slice(-1)),
    { nil: undefined, freq: 3 },
  ),
  session: fc.option(layer, { nil: undefined, freq: 3 }),
  request,
});
