import { Readable } from "node:stream";
import { ConverseCommand, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { callFactsOf } from "../../src/call/call-facts.js";
import { abortSignalOf, isReplayable, modelIdOf, operationOf } from "../../src/call/command.js";

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("the facts of a command", () => {
  it("include its operation, also with minified class names, and its modelId", () => {
    const command = new ConverseCommand({ modelId: "m", messages: [] });
    expect([operationOf(command), modelIdOf(command)]).toEqual(["Converse", "m"]);
    class Renamed extends ConverseCommand {}
    expect(operationOf(new Renamed({ modelId: "m", messages: [] }))).toBe("Converse");
    expect([operationOf({}), modelIdOf(undefined), modelIdOf({ input: { modelId: 1 } })]).toEqual(["Object", "", ""]);
  });

  it.each<[string, object, boolean]>([
    ["messages", { modelId: "m", messages: [{ role: "user", content: [] }] }, true],
    ["a body of bytes", { body: new Uint8Array(3) }, true],
    ["a body of text", { body: "{}" }, true],
    ["nothing", {}, true],
    ["an async iterable", { body: (async function* () {})() }, false],
    ["a Node stream", { body: Readable.from([]) }, false],
    ["a web stream", { body: new ReadableStream() }, false],
    ["a generator", { body: (function* () {})() }, false],
    ["a Blob", { body: new Blob(["{}"]) }, true],
    ["a value that can't be looked into", { body: revoked() }, true],
  ])("can be sent again with %s", (_, input, can) => {
    expect(isReplayable({ input })).toBe(can);
  });

  it("include its signal, also in the SDK's older form", () => {
    expect(abortSignalOf(undefined)).toBeUndefined();
    const { signal } = new AbortController();
    expect(abortSignalOf({ abortSignal: signal })).toBe(signal);
    const before: string[] = [];
    const older = { aborted: false, onabort: () => before.push("theirs") };
    const ours = abortSignalOf({ abortSignal: older });
    older.onabort();
    expect([ours?.aborted, before]).toEqual([true, ["theirs"]]);
  });

  it("are absent if they can't be read, so that the SDK reports the error", () => {
    const throwing = {
      get input(): object {
        throw new Error("inside");
      },
    };
    for (const command of [throwing, { input: revoked() }, revoked(), "Converse", Symbol("x"), null]) {
      expect(modelIdOf(command)).toBe("");
      callFactsOf(command);
      operationOf(command);
      isReplayable(command);
      abortSignalOf(command);
    }
    expect(isReplayable({ input: revoked() })).toBe(false);
  });

  it("are read without the SDK", () => {
    expect(isReplayable(new InvokeModelCommand({ modelId: "m", body: "{}" }))).toBe(true);
    expect(isReplayable(undefined)).toBe(true);
  });
});

describe("a signal in the SDK's older form that many calls share", () => {
  it("gets one listener", () => {
    const older: { aborted: boolean; onabort: (() => void) | null } = { aborted: false, onabort: null };
    let heard = 0;
    older.onabort = () => {
      heard += 1;
    };
    const signals = Array.from({ length: 50_000 }, () => abortSignalOf({ abortSignal: older }));
    older.onabort?.();
    expect(heard).toBe(1);
    expect(signals.every((signal) => signal?.aborted)).toBe(true);
  });

  it("gets a listener again if the SDK adds one itself", () => {
    const older: { aborted: boolean; onabort: (() => void) | null } = { aborted: false, onabort: null };
    const first = abortSignalOf({ abortSignal: older });
    let heard = 0;
    older.onabort = () => {
      heard += 1;
    };
    const second = abortSignalOf({ abortSignal: older });
    (older.onabort as () => void)();
    expect([heard, first?.aborted, second?.aborted]).toEqual([1, true, true]);
  });
});

describe("the guardrail of a command", () => {
  it.each([
    ["Converse's", { guardrailConfig: { guardrailIdentifier: "gr1abc2def3g", guardrailVersion: "1" } }, "gr1abc2def3g"],
    ["InvokeModel's", { guardrailIdentifier: "gr1abc2def3g" }, "gr1abc2def3g"],
    ["none", {}, undefined],
    ["no text", { guardrailIdentifier: 1 }, undefined],
    ["no readable input", revoked(), undefined],
  ])("%s", (_, input, guardrail) => {
    expect(callFactsOf({ input })?.guardrail?.identifier).toBe(guardrail);
  });
});
