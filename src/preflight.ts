import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { modelIdOf, operationOf } from "./call/command.js";
import type * as Preflights from "./call/preflight.js";
import { compose, resilienceOf } from "./compose.js";
import type { Preflight } from "./explain/preflight.js";
import { clientAt } from "./lookup.js";
import { resolveOptions } from "./options.js";
import type { PreflightOptions, PreflightQuestion } from "./preflight/options.js";

/**
 * Returns whether a call would be authorized, leg by leg, without making it. The result is based on the provided
 * policies and the sources that you opt in to. For start-up and health checks. Never rejects because of a response from
 * AWS. What can't be determined is `unknown`, and `evidence` contains the reason.
 *
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export async function diagnose(question: PreflightQuestion): Promise<Preflight> {
  if (typeof question !== "object" || question === null) {
    throw new TypeError(
      "diagnose needs an object: { modelId, client } or { modelId, region }, and the sources to use.",
    );
  }
  const { questionSettings } = await import("./preflight/options.js");
  const { call, limits, sources, store } = questionSettings(question);
  const { client, isOwn } = clientAt(question, "diagnose");
  const defaults = resolveOptions();
  const resilience = compose(client, { ...defaults, diagnosis: { ...defaults.diagnosis, ...sources }, store });
  try {
    return await preflight(call, resilience, limits);
  } finally {
    resilience.destroy();
    if (isOwn) client.destroy();
  }
}

export async function diagnoseCommand(
  client: BedrockRuntimeClient,
  command: unknown,
  options?: PreflightOptions | null,
): Promise<Preflight> {
  const { checkedCall, limitSettings } = await import("./preflight/options.js");
  const call = checkedCall("", { operation: operationOf(command), modelId: modelIdOf(command) });
  const resilience = resilienceOf(client) ?? compose(client, resolveOptions());
  const limits = limitSettings(options);
  return (await import("./call/preflight.js")).preflightOfCommand(command, call, resilience, limits);
}

const preflight: typeof Preflights.preflight = async (...args) =>
  (await import("./call/preflight.js")).preflight(...args);
