import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import type { CallEnvironment } from "../../src/call/context.js";
import { sender } from "../../src/call/send.js";
import { resolveOptions } from "../../src/options.js";

const DENIED =
  "is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0";
const CALLERS = ["arn:aws:sts::111122223333:assumed-role/App/session", "***"];
const hanging = () => new Promise<never>(() => {});
/** A wait that hasn't ended by then hangs, however busy the machine is. */
const HANGS_MS = 15_000;

it.each([0, 40, 60_000])(
  "calls end with their own errors if the client is destroyed, callbacks fail, and lookups hang: deadline of %d ms",
  async (timeoutMs) => {
    let life = new AbortController();
    let notified = 0;
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listen);
    onTestFinished(() => void process.off("unhandledRejection", listen));
    const onDiagnosis = () => {
      notified += 1;
      if (notified % 2 === 0) throw new Error("thrown");
      return Promise.reject(new Error("rejected"));
    };
    const ports = { resolveProfile: hanging, catalog: hanging, credentialsScope: hanging, callerArn: hanging };
    const context: CallEnvironment = {
      options: resolveOptions({ diagnosis: { timeoutMs }, onDiagnosis }),
      destroyed: () => life.signal,
      sourceRegion: async () => "us-east-1",
      ports: async () => ports as never,
    };
    const send = sender(context);
    const own = new AbortController();
    // With the longest deadline, only the application's own signal ends a hanging lookup.
    const signals = timeoutMs > 1_000 ? [own.signal, AbortSignal.abort()] : [own.signal, undefined];
    const calls = Array.from({ length: 40 }, async (_, nth) => {
      await wait(nth % 5);
      const $metadata = { httpStatusCode: 403 };
      const message = `User: ${CALLERS[nth % 2]} ${DENIED}`;
      const error = Object.assign(new Error(message), { name: "AccessDeniedException", $metadata });
      const options = { abortSignal: signals[nth % 4 < 2 ? 0 : 1] };
      const sending = send(() => Promise.reject(error), [{ input: { modelId: "us.amazon.nova-pro-v1:0" } }, options]);
      const thrown = await (sending as Promise<unknown>).catch((reason: unknown) => reason);
      expect(thrown).toBe(error);
      expect(error).toMatchObject({ diagnosis: { blockedRegions: ["us-west-2"], refusal: { raw: message } } });
    });
    setTimeout(() => {
      life.abort();
      life = new AbortController();
      own.abort();
    }, 20);
    await Promise.all(calls);
    await wait(20);
    expect(notified).toBe(40);
    expect(unhandled).toEqual([]);
  },
  HANGS_MS,
);
