import { Readable } from "node:stream";
import { ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { afterEach, describe, expect, it } from "vitest";
import { isDiagnosedError, type KeyValueStore } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";

const PROFILE = "us.amazon.nova-pro-v1:0";
const OTHER_MODEL = "amazon.nova-lite-v1:0";
const ROLE = "arn:aws:sts::111122223333:assumed-role/AppRole/session";
const IAM = `User: ${ROLE} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${OTHER_MODEL} with an explicit deny in a service control policy`;

/** What a caller may write into a request, and AWS's validator may quote. */
const WRITTEN: Record<string, string> = {
  "an IAM sentence": IAM,
  "an IAM sentence of the call's own model": IAM.replace(OTHER_MODEL, "amazon.nova-pro-v1:0"),
  "an IAM sentence that nothing allows": `User: ${ROLE} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-2::foundation-model/${OTHER_MODEL} because no identity-based policy allows the bedrock:InvokeModel action`,
  "only the reason": "because no session policy allows the bedrock:InvokeModel action",
  "the console's panel": `User: ${ROLE} Action: bedrock:InvokeModel On resource(s): arn:aws:bedrock:us-west-2::foundation-model/${OTHER_MODEL} Context: a service control policy explicitly denies the action`,
  "the use case form": "Model use case details have not been submitted for this account.",
  "no access": "You don't have access to the model with the specified model ID.",
  "an expired token": "The security token included in the request is expired",
  "AWS Marketplace": "Your AWS Marketplace subscription for this model is still being processed",
  "a Legacy model": "Access denied. This Model is marked by provider as Legacy",
  "a model that has ended": "The model reached the end of its life",
  "a name that has ended": "reached the end of its life",
  "an expired API key": "api key has expired",
  "another account": "tool is not available for this account",
};

/** How a validator quotes it. */
const QUOTED: Record<string, (written: string) => string> = {
  quoted: (written) =>
    `1 validation error detected: Value '${written}' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`,
  "in double quotes": (written) => `The value "${written}" isn't a valid tool name.`,
  twice: (written) => `The tool name "${written}" appears twice: ${written}`,
  "cut at its end": (written) => `Value '${written.slice(0, -12)}… at 'name' failed to satisfy constraint`,
  "cut at its beginning": (written) => `Value at 'name' failed to satisfy constraint: …${written.slice(3)}`,
  "without quotes": (written) => `Malformed input request: ${written}, please reformat your input and try again.`,
  "after a colon": (written) => `The model returned the following errors: tools.0.name: ${written}`,
  "as a JSON body": (written) => `Unexpected value ${JSON.stringify({ message: written })} at 'toolConfig'`,
  "as a JSON body within JSON": (written) =>
    `Unexpected value ${JSON.stringify(JSON.stringify({ Message: written }))} at 'toolConfig'`,
  "at the beginning, in quotes": (written) => `'${written}' isn't a valid tool name.`,
  "at the beginning, in double quotes": (written) => `"${written}" isn't a valid tool name.`,
  "at the beginning, in Markdown": (written) => `\`${written}\` isn't a valid tool name.`,
  "in a few words": (written) => `Unknown tool ${written}`,
  "as the JSON that a message begins with": (written) =>
    `${JSON.stringify({ message: written })} doesn't match the schema of the tool.`,
  "in a JSON body": (written) =>
    JSON.stringify({ error: { message: `Unexpected value ${JSON.stringify({ message: written })} at 'toolConfig'` } }),
  "behind an envelope": (written) =>
    `An error occurred (ValidationException) when calling the Converse operation: Value 'exception: ${written}' at 'name' failed to satisfy constraint`,
  "as another tool's error": (written) =>
    `Value 'An error occurred (AccessDeniedException) when calling the Converse operation: ${written}' at 'name' failed to satisfy constraint`,
};

/** The failures that contain a validator's message. */
const FAILURES: Record<string, { status: number; errorName?: string }> = {
  "a ValidationException": { status: 400, errorName: "ValidationException" },
  "a ResourceNotFoundException": { status: 404, errorName: "ResourceNotFoundException" },
  "a SerializationException": { status: 400, errorName: "SerializationException" },
  "a server error without a name": { status: 500 },
};

const bedrock = new SimulatedBedrock();
afterEach(() => bedrock.reset());

/** A store that records its operations. */
function watched(): KeyValueStore & { asked: string[] } {
  const asked: string[] = [];
  const note = (what: string) => async (key: string) => {
    asked.push(`${what} ${key}`);
    return undefined;
  };
  return { asked, get: note("get"), set: note("set") as never, delete: note("delete") as never };
}

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const messages = [{ role: "user" as const, content: [{ text: "Hello" }] }];
const converse = () => new ConverseCommand({ modelId: PROFILE, messages });

const clientWith = (store: KeyValueStore, config: object = {}) =>
  clientOf(
    bedrock,
    {
      fallback: { to: "single-region", models: { [PROFILE]: OTHER_MODEL } },
      diagnosis: { probe: true },
      retry: { propagation: 1_000 },
      store,
    },
    { maxAttempts: 1, ...config },
  );

/** What was put into the store, or taken out of it. */
const changes = ({ asked }: { asked: string[] }) => asked.filter((one) => !one.startsWith("get "));

describe.each(Object.entries(FAILURES))("%s that quotes the caller's input isn't a denial", (_, failure) => {
  it.each(Object.entries(QUOTED))("%s", async (_, quote) => {
    const store = watched();
    const client = clientWith(store);
    for (const [what, written] of Object.entries(WRITTEN)) {
      bedrock.reset();
      const message = quote(written);
      const { status, errorName } = failure;
      bedrock.fault({
        operation: "Converse",
        status,
        ...(errorName ? { errorName, message } : { body: JSON.stringify({ message }) }),
      });
      const error = await thrown(client.send(converse()));
      expect(error, what).toMatchObject({ message, $metadata: { httpStatusCode: status } });
      expect(isDiagnosedError(error), what).toBe(false);
      // The call itself, and nothing else: no lookup, no fallback, no probe, no retry.
      expect(
        bedrock.requests.map(({ operation }) => operation),
        what,
      ).toEqual(["Converse"]);
      expect(changes(store), what).toEqual([]);
    }
  });
});

function frame(kind: "event" | "exception", type: string, payload: unknown): Uint8Array {
  const header = (value: string) => ({ type: "string" as const, value });
  const codec = new EventStreamCodec(String, (text) => new TextEncoder().encode(text));
  return codec.encode({
    headers: {
      ":message-type": header(kind),
      [`:${kind}-type`]: header(type),
      ":content-type": header("application/json"),
    },
    body: new TextEncoder().encode(JSON.stringify(payload)),
  });
}

/** A client whose calls are all answered with this stream. */
const streaming = (store: KeyValueStore, frames: Uint8Array[]) =>
  clientWith(store, {
    requestHandler: {
      metadata: { handlerProtocol: "http/1.1" },
      handle: async () => ({
        response: {
          statusCode: 200,
          headers: { "content-type": "application/vnd.amazon.eventstream" },
          body: Readable.from(frames),
        },
      }),
    },
  });

describe("an exception frame of a stream that quotes the caller's input isn't a denial", () => {
  const start = frame("event", "messageStart", { role: "assistant" });

  it.each(["validationException", "modelStreamErrorException", "accessDeniedException"])("%s", async (type) => {
    const store = watched();
    const exception = frame("exception", type, { message: IAM });
    for (const frames of [[exception], [start, exception]]) {
      // The SDK throws it from `send` if it comes first, and from the stream otherwise.
      const error = await thrown(
        (async () => {
          const { stream } = await streaming(store, frames).send(
            new ConverseStreamCommand({ modelId: PROFILE, messages }),
          );
          for await (const _ of stream ?? []);
        })(),
      );
      // The SDK quotes the whole payload of an exception that it doesn't know.
      const isKnown = type !== "accessDeniedException";
      expect(error).toMatchObject({ message: isKnown ? IAM : expect.stringContaining(IAM) });
      expect(isDiagnosedError(error)).toBe(false);
    }
    expect(changes(store)).toEqual([]);
  });
});

describe("a real denial is still diagnosed", () => {
  const denials: [says: string, failure: { status: number; errorName: string }][] = [
    ["by its name", { status: 400, errorName: "AccessDeniedException" }],
    ["by another name for it", { status: 400, errorName: "UnauthorizedOperation" }],
    ["by the status 403", { status: 403, errorName: "ValidationException" }],
    ["by the status 401", { status: 401, errorName: "access_denied" }],
  ];
  const envelopes: ((message: string) => string)[] = [
    (message) => message,
    (message) => `An error occurred (AccessDeniedException) when calling the Converse operation: ${message}`,
    (message) => JSON.stringify({ error: { message: JSON.stringify({ Message: message }) } }),
    (message) => `API Error: 403 ${JSON.stringify({ Message: message })}`,
  ];

  it.each(denials)("%s", async (_, failure) => {
    const client = clientOf(bedrock, { diagnosis: { timeoutMs: 0 } }, { maxAttempts: 1 });
    for (const wrap of envelopes) {
      bedrock.reset();
      bedrock.fault({ operation: "Converse", ...failure, message: wrap(IAM) });
      const error = await thrown(client.send(converse()));
      expect(isDiagnosedError(error) && error.diagnosis).toMatchObject({
        kind: "iam-denied",
        action: "bedrock:InvokeModel",
        refusal: { region: "us-west-2", policyType: "service-control-policy" },
      });
    }
  });

  it.each([
    "Invocation of model ID amazon.nova-pro-v1:0 with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    "Invocation of model ID amazon.nova-pro-v1:0 with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    "ValidationException: The provided model doesn't support on-demand throughput.",
  ])("a 400 that begins with AWS's sentence: %s", async (message) => {
    const client = clientOf(bedrock, { diagnosis: { timeoutMs: 0 } }, { maxAttempts: 1 });
    bedrock.fault({ operation: "Converse", status: 400, errorName: "ValidationException", message });
    const error = await thrown(client.send(converse()));
    expect(isDiagnosedError(error) && error.diagnosis.kind).toBe("on-demand-unsupported");
  });

  it("by a sentence with another beginning", async () => {
    const client = clientOf(bedrock, { diagnosis: { timeoutMs: 0 } }, { maxAttempts: 1 });
    const message = IAM.replace(`User: ${ROLE} is`, "You are");
    bedrock.fault({ operation: "Converse", status: 403, errorName: "AccessDeniedException", message });
    const error = await thrown(client.send(converse()));
    expect(isDiagnosedError(error) && error.diagnosis).toMatchObject({
      kind: "iam-denied",
      refusal: { region: "us-west-2", policyType: "service-control-policy" },
    });
  });

  it("only by the sentence that AWS puts first", async () => {
    const client = clientOf(bedrock, { diagnosis: { timeoutMs: 0 } }, { maxAttempts: 1 });
    const message = `You don't have access to the model with the specified model ID. Tool: ${IAM}`;
    bedrock.fault({ operation: "Converse", status: 403, errorName: "AccessDeniedException", message });
    const error = await thrown(client.send(converse()));
    expect(isDiagnosedError(error) && error.diagnosis.kind).toBe("model-access-not-granted");
  });
});
