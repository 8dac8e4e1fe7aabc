import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { modelIdOf, operationOf } from "./call/command.js";
import type * as Preflights from "./call/preflight.js";
import { compose, resilienceOf } from "./compose.js";
import type { Diagnosis } from "./diagnosis.js";
import type { Preflight } from "./explain/preflight.js";
import { clientAt } from "./lookup.js";
import { resolveOptions } from "./options.js";
import {
  checkedCall,
  limitSettings,
  type PreflightOptions,
  type PreflightQuestion,
  preflightSettings,
  type RecordedDenialQuestion,
} from "./question.js";
import { diagnoseDenial } from "./recorded-denial.js";

/**
 * Returns why a call was denied, with the same sources as for a call that the client itself made. What the denial and
 * the question don't show, such as the content of the request, is unknown. Never rejects because of a response from
 * AWS.
 *
 * @returns null if it isn't a denial, such as throttling or a timeout
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export async function diagnose(question: RecordedDenialQuestion): Promise<Diagnosis | null>;
/**
 * Returns whether a call would be authorized, leg by leg, without making it. The result is based on the provided
 * policies and the sources that you opt in to. For start-up and health checks. Never rejects because of a response from
 * AWS. What can't be determined is `unknown`, and `evidence` contains the reason.
 *
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export async function diagnose(question: PreflightQuestion): Promise<Preflight>;
export async function diagnose(
  question: PreflightQuestion | RecordedDenialQuestion,
): Promise<Preflight | Diagnosis | null> {
  if (typeof question !== "object" || question === null) {
    throw new TypeError(
      "diagnose needs an object: { modelId, client } or { modelId, region }, and the sources to use.",
    );
  }
  if ("error" in question) return diagnoseDenial(question);
  const { call, limits, sources, store } = preflightSettings(question);
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
  const call = checkedCall("", { operation: operationOf(command), modelId: modelIdOf(command) });
  const resilience = resilienceOf(client) ?? compose(client, resolveOptions());
  const limits = limitSettings(options);
  return (await import("./call/preflight.js")).preflightOfCommand(command, call, resilience, limits);
}

const preflight: typeof Preflights.preflight = async (...args) =>
  (await import("./call/preflight.js")).preflight(...args);
