import type { NaiveDocument, NaivePrincipal, NaiveStatement } from "./naive.js";
import {
  type CallerKind,
  type LayerKind,
  type NaiveCaller,
  type NaiveOrganization,
  namesOf,
  type TypedLayer,
} from "./naive-organization.js";

// Small alphabets, so that patterns and requests meet: random texts never match anything. One number makes one organization,
// so that a case that fails can be made again.

/** A random source with a seed (mulberry32). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(percent: number): boolean {
    return this.next() * 100 < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }

  /** One item alone, or a list of up to three. */
  oneOrSome<T>(items: readonly T[]): T | T[] {
    return this.chance(60)
      ? this.pick(items)
      : Array.from({ length: 1 + Math.floor(this.next() * 3) }, () => this.pick(items));
  }
}

/** An organization, and what is special about it: a test counts these, so that it can't pass without them. */
export interface RandomOrganization {
  organization: NaiveOrganization;
  tags: ReadonlySet<string>;
}

const ACCOUNT = "111122223333";
const OTHER = "444455556666";
const MODEL = "anthropic.claude-v1:0";
const bedrock = (region: string, account: string, resource: string) =>
  `arn:aws:bedrock:${region}:${account}:${resource}`;
const MODELS = ["us-east-1", "us-west-2", "eu-west-1", ""].map((region) =>
  bedrock(region, "", `foundation-model/${MODEL}`),
);
const PROFILES = [
  bedrock("us-east-1", ACCOUNT, `inference-profile/us.${MODEL}`),
  bedrock("us-east-1", ACCOUNT, "application-inference-profile/a1b2c3d4e5f6"),
];
/** What may be in another account, each kind with and without a resource-based policy. */
const OWNED = [
  `inference-profile/us.${MODEL}`,
  "application-inference-profile/a1b2c3d4e5f6",
  "provisioned-model/p",
  "custom-model-deployment/d",
  "imported-model/i",
  "prompt/p:1",
  "prompt-router/r",
  "default-prompt-router/r",
  "marketplace/model-endpoint/all-access",
  "guardrail/g",
  "guardrail-profile/us.g:0",
  "custom-model/m",
  "knowledge-base/k",
  "something-new/x",
];
const KEY = (account: string) => `arn:aws:kms:us-east-1:${account}:key/k`;

const ARN_PATTERNS = [
  ...MODELS,
  ...PROFILES,
  "*",
  "*",
  "arn:aws:bedrock:*::foundation-model/*",
  "arn:aws:bedrock:us-*::foundation-model/anthropic*",
  "arn:*:bedrock:*:*:inference-profile/us.*",
  "arn:aws:bedrock:*:*:*",
  `arn:aws:bedrock:*:${OTHER}:*`,
  "arn:aws:bedrock:us?east?1::foundation-model/anthropic.claude-v1:0",
  "arn:aws:bedrock:us*1::foundation-model/*0",
  "arn:aws:bedrock:us-east-1::inference-profile/us.*",
  "arn:aws:kms:*:*:key/*",
];
const VARIABLE_ARNS = [
  "arn:aws:bedrock:${aws:RequestedRegion}::foundation-model/*",
  "arn:aws:bedrock:*::foundation-model/${aws:PrincipalTag/model, 'anthropic.claude-v1:0'}",
  "arn:aws:bedrock:*::foundation-model/${aws:PrincipalTag/model}",
  "arn:aws:bedrock:*:${aws:PrincipalAccount}:*",
  "arn:aws:bedrock:*:${aws:ResourceAccount}:*",
  "arn:aws:bedrock:*::foundation-model/${*}",
];
const INCOMPLETE_ARNS = [
  "arn:aws:bedrock",
  "arn:aws:bedrock:us-east-1",
  "arn:aws:s3",
  "arn:aws:bedrock:us-*",
  "arn:aws:bedrock:*",
  "arn:aws:bed*:us-east-1",
  "arn:aws:bedrock:*:foundation-model/*",
  "arn:aws:bedrock:${aws:RequestedRegion}",
];
const ACTIONS = ["bedrock:InvokeModel", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
const ACTION_PATTERNS = [
  ...ACTIONS,
  "*",
  "*",
  "bedrock:*",
  "bedrock:Invoke*",
  "BEDROCK:invokemodel",
  "bedrock:InvokeModel?",
  "kms:*",
  "*:InvokeModel",
];

const STRINGS = ["us-east-1", "US-EAST-1", "us-west-2", "unspecified", "", "blue", "*"];
const STRING_PATTERNS = [...STRINGS, "us-*", "us-????-1", "*e*", "${*}", "x${$}"];
const STRING_VARIABLES = [
  "${aws:PrincipalTag/team}",
  "${aws:PrincipalTag/team, 'blue'}",
  "${aws:RequestedRegion}",
  "${aws:PrincipalTag/home}",
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
const NOWS = [1_767_225_600, 1_767_225_601, 1_780_309_800];

const negatable = (name: string) => [name, name.replace(/^([A-Z][a-z]+)/, "$1Not")];
const STRING_OPERATORS = ["StringEquals", "StringEqualsIgnoreCase", "StringLike"].flatMap(negatable);
const ordered = (type: string) =>
  ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"].map(
    (end) => `${type}${end}`,
  );

interface Family {
  operators: readonly string[];
  keys: readonly string[];
  /** What policies may say. */
  policy: readonly string[];
  variables?: readonly string[];
  /** What requests may hold. */
  request: readonly string[];
}

/** Keys that AWS sends or leaves out by rules of its own. */
const ALWAYS = [
  "aws:CurrentTime",
  "aws:EpochTime",
  "aws:ResourceAccount",
  "aws:userid",
  "aws:UserAgent",
  "aws:TokenIssueTime",
  "aws:ViaAWSService",
  "aws:SourceIp",
  "aws:SourceVpce",
  "aws:SourceVpc",
  "aws:VpcSourceIp",
];
const isAlways = (key: string) => ALWAYS.some((each) => each.toLowerCase() === key.toLowerCase());

const FAMILIES: readonly Family[] = [
  {
    operators: STRING_OPERATORS,
    keys: ["aws:RequestedRegion", "aws:PrincipalTag/team", "test:tags"],
    policy: STRING_PATTERNS,
    variables: STRING_VARIABLES,
    request: STRINGS,
  },
  {
    operators: ["ArnEquals", "ArnLike"].flatMap(negatable),
    keys: ["bedrock:InferenceProfileArn", "test:arns"],
    policy: [...ARN_PATTERNS, ...Array.from({ length: 6 }, () => "arn:aws:bedrock"), "arn:aws:bedrock:us-*"],
    variables: VARIABLE_ARNS,
    request: [...MODELS, ...PROFILES, "no-arn"],
  },
  { operators: ordered("Numeric"), keys: ["test:number"], policy: NUMBERS.slice(0, -1), request: NUMBERS },
  { operators: ordered("Date"), keys: ["test:date"], policy: DATES.slice(0, -1), request: DATES },
  { operators: ["Bool"], keys: ["test:bool"], policy: BOOLS.slice(0, -1), request: BOOLS },
  { operators: ["BinaryEquals"], keys: ["test:bytes"], policy: BYTES, request: BYTES },
  { operators: ["IpAddress", "NotIpAddress"], keys: ["test:ip"], policy: RANGES, request: ADDRESSES },
];
const ALWAYS_FAMILIES: readonly Family[] = [
  {
    operators: ordered("Date"),
    keys: ["aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"],
    policy: DATES.slice(0, -1),
    request: DATES.slice(0, 1),
  },
  { operators: ordered("Numeric"), keys: ["aws:EpochTime"], policy: ["1767225600", "0"], request: ["1767225600"] },
  {
    operators: STRING_OPERATORS,
    keys: ["aws:ResourceAccount", "aws:userid", "aws:UserAgent"],
    policy: [ACCOUNT, OTHER, `${ACCOUNT}:App`, "*"],
    variables: ["${aws:PrincipalAccount}", "${aws:username}"],
    request: [ACCOUNT, OTHER],
  },
  { operators: ["Bool"], keys: ["aws:ViaAWSService"], policy: ["true", "false"], request: ["true"] },
  {
    operators: ["IpAddress", "NotIpAddress"],
    keys: ["aws:SourceIp", "aws:VpcSourceIp"],
    policy: RANGES,
    request: ADDRESSES,
  },
  {
    operators: STRING_OPERATORS,
    keys: ["aws:SourceVpce", "aws:SourceVpc"],
    policy: ["vpc-1", "vpc*"],
    request: ["vpc-1"],
  },
];
/** What the application may state. */
const STATED = [...FAMILIES, ...ALWAYS_FAMILIES].flatMap(({ keys, request }) =>
  keys
    .filter((key) => key !== "aws:RequestedRegion" && key !== "bedrock:InferenceProfileArn")
    .map((key) => ({ key: key.toLowerCase(), request, isAlways: isAlways(key) })),
);

/** Which of the policy's types have a Principal. */
const WITH_PRINCIPAL: readonly LayerKind[] = ["endpoint", "resource", "resource-control"];

/** Makes one organization. */
class Maker {
  readonly tags = new Set<string>();
  readonly #dice: Dice;
  readonly #caller: NaiveCaller;
  readonly #unknownContext: "unknown" | "absent";

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    const kinds: CallerKind[] = ["role", "role", "session", "session", "user", "root", "federated-user"];
    this.#caller = { kind: this.#dice.pick(kinds), account: ACCOUNT, name: "App" };
    this.#unknownContext = this.#dice.pick(["unknown", "absent"]);
  }

  organization(): NaiveOrganization {
    const dice = this.#dice;
    const leg = this.#leg();
    const isElsewhere = leg.resource.includes(OTHER);
    if (isElsewhere) this.tags.add(`another account's ${leg.resource.split(":")[5]?.split("/")[0]}`);
    const layers: TypedLayer[] = [
      dice.chance(12) ? { kind: "identity", documents: null } : this.#layer("identity"),
      ...Array.from({ length: dice.pick([0, 0, 1, 2]) }, () => this.#layer("service-control")),
      ...(dice.chance(20) ? [this.#layer("boundary", 1)] : []),
      ...(dice.chance(this.#caller.kind === "federated-user" ? 70 : 20) ? [this.#layer("session")] : []),
      ...(dice.chance(30) ? [this.#layer("endpoint", 1)] : []),
      ...(dice.chance(12) ? [this.#layer("resource-control")] : []),
      ...(isElsewhere && dice.chance(35) ? [this.#layer("resource", 1)] : []),
    ];
    const now = dice.pick(NOWS);
    return { caller: this.#caller, leg, given: this.#given(), unknownContext: this.#unknownContext, now, layers };
  }

  #leg(): NaiveOrganization["leg"] {
    const dice = this.#dice;
    const region = dice.pick(["us-east-1", "us-west-2", "unspecified"]);
    const action = dice.pick(ACTIONS);
    if (dice.chance(4)) {
      this.tags.add("another service");
      return { action: "kms:Decrypt", resource: KEY(dice.pick([ACCOUNT, OTHER])), region };
    }
    if (dice.chance(6)) {
      this.tags.add("a leg without an account");
      return { action, resource: bedrock("us-east-1", "<account-id>", dice.pick(OWNED)), region };
    }
    if (dice.chance(25)) {
      return {
        action,
        resource: bedrock("us-east-1", dice.pick([OTHER, OTHER, ACCOUNT, "aws"]), dice.pick(OWNED)),
        region,
      };
    }
    const profileArn = dice.pick([
      ...PROFILES,
      undefined,
      "arn:aws:bedrock:us-east-1:<account-id>:inference-profile/us.x",
    ]);
    const resource = dice.chance(75) ? dice.pick(MODELS) : dice.pick(PROFILES);
    return { action, resource, region, ...(profileArn === undefined ? {} : { profileArn }) };
  }

  /** What the application states. Most keys aren't stated. */
  #given(): NaiveOrganization["given"] {
    const dice = this.#dice;
    const given: NaiveOrganization["given"] = {};
    for (const { key, request, isAlways } of STATED) {
      if (dice.chance(isAlways ? 88 : 30)) continue;
      const isOne = dice.chance(60);
      if (isOne) given[key] = [dice.pick(request)];
      else given[key] = dice.chance(50) ? null : Array.from({ length: dice.pick([0, 1, 2]) }, () => dice.pick(request));
    }
    if (dice.chance(70)) given["aws:principaltag/model"] = dice.pick([[MODEL], null, ["an*"]]);
    if (dice.chance(30)) given["aws:principaltag/home"] = dice.pick([["us-east-1"], null, ["us-*"]]);
    // The path of a session's role has to be known: what is unknown about it has tests of its own.
    if (this.#caller.kind === "session") given["aws:principalarn"] = namesOf(this.#caller).slice(-1);
    return given;
  }

  #layer(kind: LayerKind, most = 2): TypedLayer {
    const dice = this.#dice;
    const all = this.#allowAll(kind);
    if (dice.chance(45)) return { kind, documents: [all] };
    if (most === 1) return { kind, documents: [this.#document(kind, dice.chance(60))] };
    return { kind, documents: dice.chance(60) ? [all, this.#document(kind)] : [this.#document(kind)] };
  }

  #allowAll(kind: LayerKind): NaiveDocument {
    const principal = WITH_PRINCIPAL.includes(kind) ? { Principal: "*" as const } : {};
    return { Version: "2012-10-17", Statement: [{ Effect: "Allow", ...principal, Action: "*", Resource: "*" }] };
  }

  #document(kind: LayerKind, withAll = false): NaiveDocument {
    const version = this.#dice.pick(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", undefined]);
    const statements = Array.from({ length: this.#dice.pick([1, 1, 2]) }, () => this.#statement(kind));
    const Statement = withAll ? [...this.#allowAll(kind).Statement, ...statements] : statements;
    return { ...(version ? { Version: version } : {}), Statement };
  }

  #statement(kind: LayerKind): NaiveStatement {
    const dice = this.#dice;
    const Effect = dice.pick(["Allow", "Allow", "Deny"]);
    const element = dice.chance(80) ? "Resource" : "NotResource";
    const Condition = this.#conditions();
    return {
      Effect,
      ...(WITH_PRINCIPAL.includes(kind) ? this.#principal(Effect) : {}),
      [dice.chance(80) ? "Action" : "NotAction"]: dice.oneOrSome(ACTION_PATTERNS),
      [element]: this.#resources(kind, element),
      ...(Condition ? { Condition } : {}),
    };
  }

  #resources(kind: LayerKind, element: string): string | string[] {
    const dice = this.#dice;
    if (dice.chance(12)) {
      this.tags.add(`incomplete ARN: ${kind} ${element}`);
      return dice.oneOrSome([...INCOMPLETE_ARNS, ...(dice.chance(30) ? ARN_PATTERNS : [])]);
    }
    if (dice.chance(18)) {
      this.tags.add(`variable: ${element}`);
      return dice.oneOrSome(VARIABLE_ARNS);
    }
    return dice.oneOrSome(ARN_PATTERNS);
  }

  #principal(effect: string): { Principal: NaivePrincipal } | { NotPrincipal: NaivePrincipal } {
    const dice = this.#dice;
    const element = effect === "Deny" && dice.chance(25) ? "NotPrincipal" : "Principal";
    if (element === "Principal" && dice.chance(35)) return { Principal: "*" };
    const own = [...namesOf(this.#caller), ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`];
    const others = [
      `arn:aws:iam::${ACCOUNT}:role/Ops`,
      OTHER,
      `arn:aws:iam::${ACCOUNT}:role/A*`,
      `arn:aws:iam::${OTHER}:role/*`,
      ...Array.from(
        { length: this.#caller.kind === "role" ? 6 : 1 },
        () => `arn:aws:sts::${ACCOUNT}:assumed-role/App/other`,
      ),
      `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`,
      `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`,
      `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`,
    ];
    const principal: NaivePrincipal = {};
    if (dice.chance(70)) principal.AWS = dice.chance(20) ? own : dice.oneOrSome([...own, ...own, ...others, "*"]);
    if (dice.chance(30))
      principal.Federated = dice.pick(["accounts.google.com", `arn:aws:iam::${ACCOUNT}:saml-provider/c`]);
    if (dice.chance(15)) principal.CanonicalUser = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    if (dice.chance(15) || Object.keys(principal).length === 0) principal.Service = "lambda.amazonaws.com";
    for (const kind of Object.keys(principal)) this.tags.add(`${element}: ${kind}`);
    return element === "Principal" ? { Principal: principal } : { NotPrincipal: principal };
  }

  #conditions(): NaiveStatement["Condition"] {
    const block: NonNullable<NaiveStatement["Condition"]> = {};
    const count = this.#dice.pick([0, 1, 1, 2]);
    for (let at = 0; at < count; at++) {
      const [operator, key, values] = this.#condition();
      const known = block[operator] ?? {};
      // The same key in two spellings under one operator is one key twice: AWS would reject it.
      if (Object.keys(known).some((other) => other.toLowerCase() === key.toLowerCase())) continue;
      block[operator] = { ...known, [key]: values };
    }
    return Object.keys(block).length > 0 ? block : undefined;
  }

  #condition(): [operator: string, key: string, values: string | string[]] {
    const dice = this.#dice;
    const family = dice.pick(dice.chance(40) ? ALWAYS_FAMILIES : FAMILIES);
    const name = dice.pick(family.keys);
    const key = dice.chance(20) ? name.toUpperCase() : name;
    if (isAlways(name)) this.tags.add(`${name} with unknownContext ${this.#unknownContext}`);
    if (dice.chance(12)) {
      this.tags.add("operator: Null");
      return ["Null", key, dice.oneOrSome(["true", "false"])];
    }
    const set = dice.pick(["", "", "ForAllValues:", "ForAnyValue:"]);
    const ifExists = dice.chance(30) ? "IfExists" : "";
    if (set || ifExists) this.tags.add(`operator: ${set}${ifExists}`);
    const hasVariables = family.variables !== undefined && dice.chance(30);
    if (hasVariables) this.tags.add("variable: condition");
    const values = dice.oneOrSome(hasVariables ? (family.variables ?? []) : family.policy);
    return [`${set}${dice.pick(family.operators)}${ifExists}`, key, values];
  }
}

/** The organization of a number: always the same one. */
export function randomOrganization(seed: number): RandomOrganization {
  const maker = new Maker(seed);
  const organization = maker.organization();
  maker.tags.add(`caller: ${organization.caller.kind}`);
  for (const { kind } of organization.layers) maker.tags.add(`layer: ${kind}`);
  return { organization, tags: maker.tags };
}
