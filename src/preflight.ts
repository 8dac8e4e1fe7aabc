import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { modelIdOf, operationOf } from "./call/command.js";
import { preflightOfCommand, runPreflight } from "./call/preflight.js";
import { compose, resilienceOf } from "./compose.js";
import type { Preflight } from "./explain/preflight.js";
import { withStatedSources } from "./lookup.js";
import { resolveOptions } from "./options.js";
import {
  checkedCall,
  limitSettings,
  type PreflightOptions,
  type PreflightQuestion,
  preflightSettings,
} from "./question.js";

/**
 * Evaluates a call without making it. @throws TypeError that identifies the field, its value, and the allowed values
 */
export async function diagnoseCall(question: PreflightQuestion): Promise<Preflight> {
  if (typeof question !== "object" || question === null) {
    throw new TypeError(
      "diagnose needs an object: { modelId, client } or { modelId, region }, and the sources to use.",
    );
  }
  const { call, limits, ...stated } = preflightSettings(question);
  return withStatedSources(question, stated, (resilience) => runPreflight(call, resilience, limits));
}

export async function diagnoseCommand(
  client: BedrockRuntimeClient,
  command: unknown,
  options?: PreflightOptions | null,
): Promise<Preflight> {
  const call = checkedCall("", { operation: operationOf(command), modelId: modelIdOf(command) });
  const resilience = resilienceOf(client) ?? compose(client, resolveOptions());
  const limits = limitSettings(options);
  return preflightOfCommand(command, call, resilience, limits);
}
