import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ParsedRefusal, parseCallError, parseRefusal } from "../../src/refusal/parse.js";
import { REFUSALS } from "../cases/refusals.js";

const asError = (message: string, name?: string, status?: number) =>
  Object.assign(new Error(message), name ? { name } : {}, status ? { $metadata: { httpStatusCode: status } } : {});

describe("every form of denial, one row each", () => {
  it.each(REFUSALS)("$says", ({ message, errorName, status, expect: expected }) => {
    const parsed = parseRefusal(asError(message, errorName, status));
    if (expected === null) {
      expect(parsed).toBeNull();
      return;
    }
    expect(parsed).toMatchObject({ raw: message, ...expected });
    // The result has only what the row has, in addition to the name and status that accompany the message.
    const claimed = Object.keys(parsed ?? {}).filter(
      (key) => !["raw", "errorName", "httpStatus", "confidence", "sentence"].includes(key),
    );
    // A text that neither a name nor a status confirms is less certain.
    const isConfirmed = parsed?.errorName !== undefined || parsed?.httpStatus !== undefined;
    expect(parsed?.confidence).toBe(isConfirmed ? undefined : "likely");
    expect(claimed.sort()).toEqual(
      Object.keys(expected)
        .filter((key) => !["errorName", "httpStatus"].includes(key))
        .sort(),
    );
  });
});

const SENTENCE =
  "User: arn:aws:sts::111122223333:assumed-role/App/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 with an explicit deny in a service control policy";

describe("the wrapping of a message", () => {
  const body = JSON.stringify({ Message: SENTENCE });
  it.each<[string, unknown]>([
    ["a text", SENTENCE],
    ["a body with Message", { Message: SENTENCE }],
    ["a body with message", { message: SENTENCE }],
    ["an OpenAI-compatible body", { error: { message: SENTENCE, code: "access_denied", type: "x" } }],
    ["an error with a cause", new Error("The call failed", { cause: asError(SENTENCE) })],
    ["an error with lastError", Object.assign(new Error("Gave up"), { lastError: asError(SENTENCE) })],
    ["an AggregateError", new AggregateError([new Error("first"), asError(SENTENCE)], "All failed")],
    ["a response with data", Object.assign(new Error("Request failed"), { response: { status: 403, data: body } })],
    ["a body of text", { statusCode: 403, body }],
    ["four layers", { error: { cause: { response: { data: { message: SENTENCE } } } } }],
  ])("%s", (_, error) => {
    expect(parseRefusal(error)).toMatchObject({
      kind: "iam-denied",
      region: "us-west-2",
      action: "bedrock:InvokeModel",
    });
  });

  it("returns the denial that the diagnosis of an error was made from", () => {
    const refusal = { raw: "x", kind: "iam-denied" } satisfies ParsedRefusal;
    const error = Object.assign(new Error("a summary"), {
      [Symbol.for("resilient-bedrock.diagnosed")]: true,
      diagnosis: { refusal },
    });
    expect(parseRefusal(error)).toBe(refusal);
  });

  it("uses name and status of the context if the text has none", () => {
    expect(parseRefusal("nope")).toBeNull();
    expect(parseRefusal("nope", { errorName: "AccessDeniedException" })).toMatchObject({ kind: "unknown" });
    expect(parseRefusal("nope", { httpStatus: 403 })).toMatchObject({ kind: "unknown", httpStatus: 403 });
  });
});

describe("parseRefusal never throws", () => {
  const cyclic: { cause?: unknown; message: string } = { message: "x" };
  cyclic.cause = cyclic;
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error("inside");
      },
    },
  );

  it("for unusual values, proxies, and cycles", () => {
    for (const value of [
      undefined,
      null,
      0,
      "",
      Symbol("x"),
      () => {},
      cyclic,
      throwing,
      Object.create(null),
      [throwing],
    ]) {
      parseRefusal(value);
    }
  });

  it("for anything", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (value) => void parseRefusal(value)),
    );
  });

  it("for real messages, cut and shuffled", () => {
    const piece = fc.constantFrom(...REFUSALS.map(({ message }) => message));
    const mutated = fc
      .tuple(piece, fc.nat(), fc.nat(), fc.string({ unit: "binary" }), piece)
      .map(([a, from, to, noise, b]) =>
        [a.slice(0, from % (a.length + 1)), noise, b.slice(to % (b.length + 1))].join(""),
      );
    fc.assert(
      fc.property(mutated, (message) => void parseRefusal(asError(message, "AccessDeniedException"))),
      { numRuns: 1_000 },
    );
  });
});

describe("parseRefusal takes time in proportion to the text: a megabyte of the worst case is parsed within the test's timeout", () => {
  it.each([
    "is not authorized to perform: ",
    "with an explicit deny in a ",
    "because no ",
    "on resource: arn:",
    "arn:aws:sts::1:assumed-role/",
    "User: ",
    "\\",
    '\\"',
    "\\u0041",
    '"',
    "<",
    "[x",
    "{ ",
    " ",
    "\n",
    "\n│ ",
    "│",
    "&lt;",
    "`",
    "\u001b[",
    "\u001b[3",
    "’",
    "a",
    "service control policy explicitly denies the action ",
    "transitively through a service control ",
    "is not available for this account ",
    "Status Code: ",
  ])(
    "%j",
    (piece) => {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      for (const message of [text, `${SENTENCE}${text}`, `${text}${SENTENCE}`]) {
        expect(() => parseRefusal(asError(message, "AccessDeniedException"))).not.toThrow();
      }
    },
    5_000,
  );
});

describe("a message built from the grammar is parsed back", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9+=,@-]{1,20}$/);
  const account = fc.constantFrom(
    "111122223333",
    "<account>",
    "<account id>",
    "********",
    "{account-id}",
    "…",
    "[redacted]",
  );
  const principal = fc.oneof(
    fc.tuple(account, word, word).map(([a, role, session]) => `arn:aws:sts::${a}:assumed-role/${role}/${session}`),
    fc.tuple(account, word).map(([a, user]) => `arn:aws-us-gov:iam::${a}:user/${user}`),
    account.map((a) => `arn:aws:iam::${a}:root`),
  );
  const region = fc.constantFrom("us-east-1", "eu-south-2", "us-gov-west-1", "");
  const resource = fc.oneof(
    region.map((r) => ({
      resource: `arn:aws:bedrock:${r}::foundation-model/anthropic.claude-sonnet-5`,
      region: r || "unspecified",
      modelId: "anthropic.claude-sonnet-5",
    })),
    account.map((a) => ({
      resource: `arn:aws:bedrock:us-east-1:${a}:inference-profile/us.amazon.nova-pro-v1:0`,
      region: "us-east-1",
      modelId: "us.amazon.nova-pro-v1:0",
    })),
    fc.constant({ resource: "*" }),
    fc.constant({}),
  );
  const type = fc.constantFrom(
    ["service control policy", "service-control-policy"],
    ["resource control policy", "resource-control-policy"],
    ["identity-based policy", "identity-based-policy"],
    ["permissions boundary", "permissions-boundary"],
    ["session policy", "session-policy"],
    ["VPC endpoint policy", "vpc-endpoint-policy"],
    ["resource-based policy", "resource-based-policy"],
  );
  const policyArn = fc.constantFrom(
    undefined,
    "arn:aws:organizations::999900001111:policy/o-exampleorg1/service_control_policy/p-ex4mpl31",
  );
  const action = fc.constantFrom(
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
    "bedrock:GetInferenceProfile",
  );
  const built = fc
    .record({ principal, action, resource, type, policyArn, reason: fc.constantFrom("explicit", "implicit", "none") })
    .map(({ principal, action, resource, type: [words, policyType], policyArn, reason }) => {
      const subject = `User: ${principal} is not authorized to perform: ${action}`;
      const on = "resource" in resource ? ` on resource: ${resource.resource}` : "";
      const article = words?.startsWith("identity") ? "an" : "a";
      const why =
        reason === "explicit"
          ? ` with an explicit deny in ${article} ${words}${policyArn ? `: ${policyArn}` : ""}`
          : reason === "implicit"
            ? ` because no ${words} allows the ${action} action`
            : "";
      const said = reason === "none" ? {} : { policyType, denyKind: reason };
      const arn = reason === "explicit" && policyArn ? { policyArn } : {};
      return {
        message: subject + on + why,
        expected: { principal, action, ...resource, ...said, ...arn, kind: "iam-denied" },
      };
    });
  const envelope = fc.constantFrom<(message: string) => string>(
    (message) => message,
    (message) => `${message}.`,
    (message) => `An error occurred (AccessDeniedException) when calling the Converse operation: ${message}`,
    (message) => JSON.stringify({ Message: message }),
    (message) => JSON.stringify({ error: { message: JSON.stringify({ message }) } }),
    (message) => `Error code: 403 - {'message': "${message}"}`,
    (message) => `software.amazon.awssdk…AccessDeniedException: ${message} (Service: BedrockRuntime, Status Code: 403)`,
    (message) => `\n\n  ${message}\n\n    at next (app.js:1:2)`,
  );
  const contains = (parsed: ParsedRefusal | null, expected: object) => {
    const { raw, errorName, httpStatus, confidence, ...rest } = parsed ?? ({} as Partial<ParsedRefusal>);
    expect(rest).toEqual(expected);
    expect(confidence).toBe((errorName ?? httpStatus) ? undefined : "likely");
  };

  it("in every envelope", () => {
    fc.assert(
      fc.property(built, envelope, ({ message, expected }, wrap) => contains(parseRefusal(wrap(message)), expected)),
      { numRuns: 2_000 },
    );
  });

  it("wrapped at any width by a terminal, if a reason ends the resource", () => {
    // A space at which a line was broken is lost for good, so none inside a placeholder.
    const closed = built.filter(
      ({ message, expected }) =>
        "policyType" in expected && !("policyArn" in expected) && !message.includes("<account id>"),
    );
    const prefix = fc.constantFrom("", "│ ", "# ", "> ", "    ");
    fc.assert(
      fc.property(closed, fc.integer({ min: 30, max: 90 }), prefix, ({ message, expected }, width, before) => {
        const lines = message.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
        contains(parseRefusal(before + lines.join(`\n${before}`)), expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("broken before the dashes of a name, which don't start a comment", () => {
    const message = (name: string, on: string) =>
      `User: arn:aws:iam::111122223333:user/${name}${on} is not authorized to perform: bedrock:InvokeModel with an explicit deny in a service control policy`;
    const principal = "arn:aws:iam::111122223333:user/ci--";
    expect(parseRefusal(message("ci", "\n--"))?.principal).toBe(principal);
    expect(parseRefusal(`-- ${message("c", "\n-- i--")}`)?.principal).toBe(principal);
  });
});

describe("unusual inputs", () => {
  it.each<[string, unknown]>([
    ["null", null],
    ["a text", "AccessDeniedException"],
    ["a name that isn't text", { errorName: 403 }],
    ["a status that isn't a number", { httpStatus: "403" }],
    [
      "getters that throw",
      {
        get errorName(): string {
          throw new Error("inside");
        },
      },
    ],
    ["a symbol", Symbol("context")],
  ])("a context that is %s is ignored", (_, context) => {
    expect(parseRefusal(SENTENCE, context as never)).toMatchObject({ kind: "iam-denied", region: "us-west-2" });
  });

  it("a list of errors with holes, or with many items", () => {
    const sparse: unknown[] = [];
    sparse[3] = asError(SENTENCE);
    expect(parseRefusal({ errors: sparse })).toMatchObject({ kind: "iam-denied" });
    const endless: unknown[] = [asError(SENTENCE)];
    endless.length = 2 ** 32 - 1;
    expect(parseRefusal({ errors: endless })).toMatchObject({ kind: "iam-denied" });
  });

  it("revoked proxies, as the error, its cause, and its list of errors", () => {
    const revoked = () => {
      const { proxy, revoke } = Proxy.revocable<unknown[]>([], {});
      revoke();
      return proxy;
    };
    expect(parseRefusal(revoked())).toBeNull();
    for (const field of ["cause", "errors", "response", "$metadata"]) {
      expect(parseRefusal(Object.assign(asError(SENTENCE), { [field]: revoked() }))).toMatchObject({
        kind: "iam-denied",
      });
    }
  });

  it("letters that only look like ASCII letters", () => {
    expect(parseRefusal(SENTENCE.replace("service control policy", "service control polic\u0443"))).toMatchObject({
      kind: "iam-denied",
    });
    const kelvin = parseRefusal(SENTENCE.replace("bedrock:", "bedroc\u212a:"));
    expect(kelvin?.action).not.toBe("bedrock:InvokeModel");
  });
});

describe("the error of a call", () => {
  const VALIDATOR = `Value '${SENTENCE}' at 'toolConfig' failed to satisfy constraint`;

  it.each<[string, unknown, object | null]>([
    ["a denial by its name", asError(SENTENCE, "AccessDeniedException"), { kind: "iam-denied", region: "us-west-2" }],
    ["a denial by its status", asError(SENTENCE, undefined, 403), { kind: "iam-denied" }],
    ["a denial that an application wrapped", new Error("x", { cause: asError(SENTENCE, "AccessDenied") }), {}],
    ["an error without a name and a status", asError(SENTENCE), null],
    ["a text without a name and a status", { message: SENTENCE }, null],
    ["a validator's quotation", asError(VALIDATOR, "ValidationException", 400), null],
    ["a validator's quotation with 403", asError(VALIDATOR, "ValidationException", 403), { kind: "unknown" }],
    ["a sentence first, in an error that isn't a denial", asError(SENTENCE, "ValidationException", 400), null],
    [
      "a fixed sentence first",
      asError("The provided model identifier is invalid.", "ValidationException", 400),
      { kind: "invalid-model-id" },
    ],
    [
      "a fixed sentence in a quotation",
      asError("Value 'The provided model identifier is invalid.' at 'x'", "ValidationException", 400),
      null,
    ],
  ])("%s", (_, error, expected) => {
    const parsed = parseCallError(error);
    if (expected === null) expect(parsed).toBeNull();
    else expect(parsed).toMatchObject(expected);
  });
});
