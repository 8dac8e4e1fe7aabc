import { describe, expect, it } from "vitest";
import type { CallEnvironment } from "../../src/call/context.js";
import { sender } from "../../src/call/send.js";
import type { Diagnosis } from "../../src/diagnosis.js";
import { resolveOptions } from "../../src/options.js";

const hiding = (role: string) =>
  `User: arn:aws:sts::***:assumed-role/${role}/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 with an explicit deny in a service control policy`;

/** A client that can't determine its credentials. */
function clientWith(timeoutMs: number) {
  const life = new AbortController();
  const context: CallEnvironment = {
    options: resolveOptions({ diagnosis: { timeoutMs } }),
    destroyed: () => life.signal,
    sourceRegion: async () => "us-east-1",
    ports: () => Promise.reject(new Error("not loaded")),
  };
  const send = sender(context);
  return async (message: string): Promise<Diagnosis> => {
    const $metadata = { httpStatusCode: 403 };
    const denial = Object.assign(new Error(message), { name: "AccessDeniedException", $metadata });
    const sent = send(() => Promise.reject(denial), [{ input: { modelId: "us.amazon.nova-pro-v1:0" } }]);
    const error = await (sent as Promise<unknown>).catch((thrown) => thrown);
    return (error as { diagnosis: Diagnosis }).diagnosis;
  };
}

describe("calls whose credentials can't be determined", () => {
  it.each([0, 60_000])("each get a diagnosis of their own caller, with a deadline of %d ms", async (timeoutMs) => {
    const deny = clientWith(timeoutMs);
    const roles = ["One", "Two", "One"];
    const diagnoses = await Promise.all(roles.map((role) => deny(hiding(role))));
    expect(diagnoses.map(({ principal }) => principal?.name)).toEqual(roles);
    expect((await deny(hiding("Three"))).principal?.name).toBe("Three");
  });
});
