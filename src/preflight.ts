import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { actionOf, takesModel } from "./authorization.js";
import { modelIdOf, operationOf } from "./call/command.js";
import type * as Preflights from "./call/preflight.js";
import { compose, resilienceOf } from "./compose.js";
import type { Diagnosis } from "./diagnosis.js";
import type { Preflight } from "./explain/preflight.js";
import { resolveFacts } from "./guardrail-options.js";
import { clientAt, type ResolveWith } from "./lookup.js";
import type { DiagnosisOptions } from "./options.js";
import { parsePrincipal } from "./principal.js";
import { diagnoseDenial, type RecordedDenialQuestion } from "./recorded-denial.js";
import type { KeyValueStore } from "./resolve/shared-store.js";
import {
  resolveOptions,
  resolvePreflight,
  resolvePrincipalArn,
  resolveSources,
  resolveStore,
} from "./resolve-options.js";

/** Limits of a preflight. */
export interface PreflightOptions {
  /** The deadline, in milliseconds from 0 to 60,000. @default 10000 */
  timeoutMs?: number;
  /** If it aborts, the preflight ends at once and returns what is known so far, with `complete: false`. */
  abortSignal?: AbortSignal;
}

/** The input of {@link diagnose}. The sources are those of `resilience.diagnosis`. */
export type PreflightQuestion = Omit<DiagnosisOptions, "enabled" | "timeoutMs"> &
  ResolveWith &
  PreflightOptions & {
    modelId: string;
    /** The SDK operation. @default "Converse" */
    operation?: string;
    /** Same as `resilience.store`. */
    store?: KeyValueStore;
    /**
     * The guardrail that the call includes: its ID or ARN, and its version. If you omit it, the preflight is about a
     * call without a guardrail.
     */
    guardrail?: { identifier: string; version?: string };
    /** The service tier of the call: `priority`, `default`, `flex`, or `reserved`. */
    serviceTier?: string;
    /**
     * The ARN of the principal that would call.
     * @default the principal of the credentials, from AWS STS, if a source needs it
     */
    principalArn?: string;
  };

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
      "diagnose needs an object: { modelId, client } or { modelId, region }, and the sources to ask.",
    );
  }
  if ("error" in question) return diagnoseDenial(question);
  const { modelId, operation = "Converse", principalArn, timeoutMs, abortSignal, store, ...others } = question;
  const { guardrail, serviceTier, ...rest } = others;
  const { client: _client, region: _region, ...sources } = rest as typeof rest & { client?: unknown; region?: unknown };
  checkCall({ modelId, operation });
  const diagnosis = resolveSources(sources, "diagnose");
  const limits = resolvePreflight({ timeoutMs, abortSignal });
  const callerArn = resolvePrincipalArn(principalArn);
  const caller = callerArn === undefined ? undefined : parsePrincipal(callerArn);
  const facts = resolveFacts({ guardrail, serviceTier });
  const { client, isOwn } = clientAt(question, "diagnose");
  const options = { ...resolveOptions(), diagnosis, store: resolveStore(store, "diagnose.store") };
  const resilience = compose(client, options);
  try {
    return await preflight({ operation, modelId, facts, caller }, resilience, limits);
  } finally {
    resilience.destroy();
    if (isOwn) client.destroy();
  }
}

export async function diagnoseCommand(
  client: BedrockRuntimeClient,
  command: unknown,
  options: PreflightOptions | null = {},
): Promise<Preflight> {
  const call = { operation: operationOf(command), modelId: modelIdOf(command) };
  checkCall(call);
  const resilience = resilienceOf(client) ?? compose(client, resolveOptions());
  const limits = resolvePreflight(options ?? {});
  return (await import("./call/preflight.js")).preflightOfCommand(command, call, resilience, limits);
}

const preflight: typeof Preflights.preflight = async (...args) =>
  (await import("./call/preflight.js")).preflight(...args);

function checkCall({ modelId, operation }: { modelId: unknown; operation: unknown }): void {
  const isNeeded = typeof operation !== "string" || takesModel(operation);
  if (isNeeded && (typeof modelId !== "string" || modelId === "")) {
    throw new TypeError(
      `modelId must be the id or ARN of a model or inference profile; it is ${JSON.stringify(modelId)}.`,
    );
  }
  if (typeof operation !== "string" || actionOf(operation) === undefined) {
    throw new TypeError(
      `operation must be an operation of the runtime, such as "Converse"; it is ${JSON.stringify(operation)}.`,
    );
  }
}
