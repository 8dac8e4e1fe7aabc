import { actionOf, takesModel } from "../authorization.js";
import { abortSignal, milliseconds, optional, settings, valid, wrong } from "../check.js";
import { defined } from "../defined.js";
import { type DiagnosisOptions, sourceChecks } from "../diagnose/options.js";
import type { ResolveWith } from "../lookup.js";
import { isWhole, parsePrincipal } from "../principal.js";
import type { CallFacts } from "../resolve/call-facts.js";
import { isGuardrailArn, isGuardrailId } from "../resolve/guardrail-arn.js";
import { keyValueStore } from "../resolve/options.js";
import type { KeyValueStore } from "../resolve/shared-store.js";

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

/** Where the call is made from. It's checked when the client is made. */
interface Place {
  client?: unknown;
  region?: unknown;
}

/** Checks a question and fills in the defaults. */
export function questionSettings(question: PreflightQuestion) {
  const { modelId, operation, guardrail, serviceTier, principalArn, store, timeoutMs, abortSignal, ...rest } = settings(
    question as Omit<PreflightQuestion, keyof Place> & Place,
    "diagnose",
    {
      modelId: unchecked,
      operation: unchecked,
      client: unchecked,
      region: unchecked,
      store: keyValueStore,
      guardrail: optional(guardrailOf),
      serviceTier: valid<string, undefined>(isFilled, 'a service tier, such as "priority"', undefined),
      principalArn: valid<string, undefined>(isPrincipal, PRINCIPAL, undefined),
      ...sourceChecks(),
      ...limitChecks(),
    },
  );
  const { client: _client, region: _region, ...sources } = rest;
  const facts: CallFacts = { isPartial: true, ...defined({ guardrail, serviceTier }) };
  const call = { ...checkedCall("diagnose.", { modelId, operation: operation ?? "Converse" }), facts, principalArn };
  return { call, limits: { timeoutMs, signal: abortSignal }, sources, store };
}

/** Checks the limits of a preflight and fills in the defaults. */
export function limitSettings(options: PreflightOptions | null | undefined) {
  const { timeoutMs, abortSignal } = settings(options ?? undefined, "diagnose", limitChecks());
  return { timeoutMs, signal: abortSignal };
}

/**
 * Checks the operation and the model of a call.
 *
 * @param prefix what the names of the fields begin with in error messages
 */
export function checkedCall(prefix: string, { modelId, operation }: { modelId: unknown; operation: unknown }) {
  const hasModel = isFilled(modelId);
  if (!hasModel && (typeof operation !== "string" || takesModel(operation))) {
    throw wrong(`${prefix}modelId`, modelId, "the ID or ARN of a model or inference profile");
  }
  if (typeof operation !== "string" || actionOf(operation) === undefined) {
    throw wrong(`${prefix}operation`, operation, 'an operation of the runtime, such as "Converse"');
  }
  return { modelId: modelId as string, operation };
}

const limitChecks = () => ({
  timeoutMs: milliseconds(10_000, 60_000),
  abortSignal: abortSignal(),
});

const unchecked = <T>(value: T): T => value;

const isFilled = (value: unknown): value is string => typeof value === "string" && value !== "";

const isPrincipal = (arn: unknown) => isFilled(arn) && isWhole(parsePrincipal(arn));

const PRINCIPAL = "the ARN of a role, an assumed-role session, a user, or the root user";

function guardrailOf(value: PreflightQuestion["guardrail"], path: string) {
  const { identifier, version } = settings(value, path, {
    identifier: valid<string, undefined>(isGuardrail, GUARDRAIL, undefined),
    version: valid<string, undefined>(isVersion, 'a version, such as "1" or "DRAFT"', undefined),
  });
  if (identifier === undefined) throw wrong(`${path}.identifier`, identifier, GUARDRAIL);
  return { identifier, ...defined({ version }) };
}

const GUARDRAIL = "the ID or ARN of a guardrail";

const isGuardrail = (id: unknown) => isFilled(id) && (isGuardrailId(id) || isGuardrailArn(id));

const isVersion = (version: unknown) => isFilled(version) && /^(\d{1,8}|DRAFT)$/.test(version);
