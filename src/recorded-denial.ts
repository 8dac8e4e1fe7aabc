import { actionOf } from "./authorization.js";
import { compose } from "./compose.js";
import type { Diagnosis } from "./diagnosis.js";
import { resolveFacts } from "./guardrail-options.js";
import { clientAt, type ResolveWith } from "./lookup.js";
import type { DiagnosisOptions } from "./options.js";
import { parsePrincipal } from "./principal.js";
import type { KeyValueStore } from "./resolve/shared-store.js";
import {
  resolveOptions,
  resolvePreflight,
  resolvePrincipalArn,
  resolveSources,
  resolveStore,
} from "./resolve-options.js";

/**
 * The input of `diagnose` for a denial that already happened. Use a client of the account of the denied call, because
 * the sources report on that account.
 */
export type RecordedDenialQuestion = Omit<DiagnosisOptions, "enabled" | "timeoutMs"> &
  ResolveWith & {
    /** An error of any SDK, an error that wraps it, a response body, a log line, or a CloudTrail record. */
    error: unknown;
    /** @default the model ID in the denial, if that is the one that was called */
    modelId?: string;
    /** The SDK operation. @default the operation in a CloudTrail record */
    operation?: string;
    /** The deadline, in milliseconds from 0 to 60,000. @default 10000 */
    timeoutMs?: number;
    /** If it aborts, the diagnosis ends at once and returns what is known so far, with `complete: false`. */
    abortSignal?: AbortSignal;
    /** Same as `resilience.store`. */
    store?: KeyValueStore;
    /** The guardrail that the call included: its ID or ARN, and its version. @default unknown */
    guardrail?: { identifier: string; version?: string };
    /** The service tier of the call. @default unknown */
    serviceTier?: string;
    /** The ARN of the principal that called. @default the principal in the error message */
    principalArn?: string;
  };

/** Explains a denial with the sources that the question opts in to. Null if it isn't a denial. */
export async function diagnoseDenial(question: RecordedDenialQuestion): Promise<Diagnosis | null> {
  const { error, modelId, operation, principalArn, timeoutMs, abortSignal, store, ...others } = question;
  const { guardrail, serviceTier, ...rest } = others;
  const { client: _client, region: _region, ...sources } = rest as typeof rest & { client?: unknown; region?: unknown };
  checkDetails({ modelId, operation });
  const diagnosis = resolveSources(sources, "diagnose");
  const limits = resolvePreflight({ timeoutMs, abortSignal });
  const callerArn = resolvePrincipalArn(principalArn);
  const caller = callerArn === undefined ? undefined : parsePrincipal(callerArn);
  const facts = resolveFacts({ guardrail, serviceTier });
  const { client, isOwn } = clientAt(question, "diagnose");
  const options = { ...resolveOptions(), diagnosis, store: resolveStore(store, "diagnose.store") };
  const resilience = compose(client, options);
  try {
    const { diagnoseRecorded } = await import("./call/recorded-denial.js");
    return await diagnoseRecorded({ error, modelId, operation, caller, facts }, resilience, limits);
  } finally {
    resilience.destroy();
    if (isOwn) client.destroy();
  }
}

function checkDetails({ modelId, operation }: { modelId: unknown; operation: unknown }): void {
  if (modelId !== undefined && (typeof modelId !== "string" || modelId === "")) {
    throw new TypeError(
      `modelId must be the id or ARN of a model or inference profile; it is ${JSON.stringify(modelId)}.`,
    );
  }
  if (operation !== undefined && (typeof operation !== "string" || actionOf(operation) === undefined)) {
    throw new TypeError(
      `operation must be an operation of the runtime, such as "Converse"; it is ${JSON.stringify(operation)}.`,
    );
  }
}
