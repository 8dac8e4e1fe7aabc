import { getEventListeners } from "node:events";
import { ConverseCommand, BedrockRuntimeClient as SdkClient } from "@aws-sdk/client-bedrock-runtime";
import { expect, it, vi } from "vitest";
import { BedrockRuntimeClient, diagnose, type ResilienceOptions } from "../../src/index.js";
import { type Fault, SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { inProcess } from "../in-process.js";

const SCENARIOS: Record<string, { resilience: ResilienceOptions; fault?: Fault; isDenied?: boolean }> = {
  "answered, with fallback": { resilience: { fallback: { to: "single-region" } } },
  "denied, with fallback": { resilience: { fallback: { to: "single-region" } }, isDenied: true },
  "denied, without": { resilience: {}, isDenied: true },
  "retried after a model's timeout": {
    resilience: { retry: { modelTimeout: 1 } },
    fault: { name: "model-timeout", times: 10 },
  },
  "behind a first call that is slow": {
    resilience: { fallback: { to: "single-region" } },
    fault: { operation: "Converse", delayMs: 100, times: 1 },
  },
};

/** The warnings about listeners while so many calls share one signal. */
async function warningsOf(
  make: (bedrock: SimulatedBedrock) => SdkClient,
  { fault, isDenied }: (typeof SCENARIOS)[string],
  calls: number,
) {
  const bedrock = new SimulatedBedrock();
  if (fault) bedrock.fault(fault);
  if (isDenied) bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
  const warnings: Error[] = [];
  const listen = (warning: Error) => warning.name === "MaxListenersExceededWarning" && warnings.push(warning);
  process.on("warning", listen);
  const { signal: abortSignal } = new AbortController();
  const command = () => new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] });
  const client = make(bedrock);
  const sends = Array.from({ length: calls }, () => client.send(command(), { abortSignal }).catch(() => {}));
  await Promise.all(sends);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  return warnings.length;
}

const settings = (bedrock: SimulatedBedrock) => ({
  region: "us-east-1",
  credentials: { accessKeyId: "A", secretAccessKey: "S" },
  requestHandler: inProcess(bedrock),
});

it.each(Object.entries(SCENARIOS).flatMap(([name, scenario]) => [10, 50].map((calls) => ({ name, scenario, calls }))))(
  "$calls calls that share a signal, $name: no warning that the SDK doesn't give",
  async ({ scenario, calls }) => {
    const theirs = await warningsOf((bedrock) => new SdkClient(settings(bedrock)), scenario, calls);
    const ours = await warningsOf(
      (bedrock) => new BedrockRuntimeClient({ ...settings(bedrock), resilience: scenario.resilience }),
      scenario,
      calls,
    );
    expect(ours).toBeLessThanOrEqual(theirs);
  },
);

it("50 preflights and 50 recorded denials that share a signal: no warning", async () => {
  const bedrock = new SimulatedBedrock();
  for (const operation of ["GetInferenceProfile", "GetFoundationModelAvailability"] as const)
    bedrock.fault({ operation, hang: true });
  const client = new SdkClient(settings(bedrock));
  const own = new AbortController();
  const warnings: Error[] = [];
  const listen = (warning: Error) => warning.name === "MaxListenersExceededWarning" && warnings.push(warning);
  process.on("warning", listen);
  const error =
    "User: *** is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0";
  const asked = { client, modelId: "us.amazon.nova-pro-v1:0", abortSignal: own.signal, timeoutMs: 60_000 };
  const answers = Promise.all(
    Array.from({ length: 100 }, (_, nth) => (nth % 2 === 0 ? diagnose(asked) : diagnose({ ...asked, error }))),
  );
  const isLookedUp = ({ operation }: { operation: string }) => operation === "GetInferenceProfile";
  await vi.waitFor(() => expect(bedrock.requests.filter(isLookedUp)).toHaveLength(100), 30_000);
  expect(getEventListeners(own.signal, "abort")).toHaveLength(0);
  own.abort();
  for (const answer of await answers) expect(answer?.complete).toBe(false);
  process.off("warning", listen);
  expect(warnings).toEqual([]);
});
