import { actionOf, takesModel } from "./authorization.js";
import { abortSignal, milliseconds, optional, settings, valid, wrong } from "./check.js";
import { defined } from "./defined.js";
import { type DiagnosisOptions, sourceChecks } from "./diagnose/options.js";
import type { ResolveWith } from "./lookup.js";
import { parsePrincipal } from "./principal.js";
import type { CallFacts } from "./resolve/call-facts.js";
import { isGuardrailArn, isGuardrailId } from "./resolve/guardrail-arn.js";
import { keyValueStore } from "./resolve/options.js";
import type { KeyValueStore } from "./resolve/shared-store.js";

/** Limits of a preflight. */
export interface PreflightOptions {
  /** The deadline, in milliseconds from 0 to 60,000. @default 10000 */
  timeoutMs?: number;
  /** If it aborts, the preflight ends at once and returns what is known so far, with `complete: false`. */
  abortSignal?: AbortSignal;
}

/** What both questions contain. The sources are those of `resilience.diagnosis`. */
type AnyQuestion = Omit<DiagnosisOptions, "enabled" | "timeoutMs"> &
  ResolveWith &
  PreflightOptions & {
    /** Same as `resilience.store`. */
    store?: KeyValueStore;
  };

/** The input of {@link diagnose}. */
export type PreflightQuestion = AnyQuestion & {
  modelId: string;
  /** The SDK operation. @default "Converse" */
  operation?: string;
  /**
   * The guardrail that the call includes: its ID or ARN, and its version. If you omit it, the preflight is about a call
   * without a guardrail.
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
 * The input of {@link diagnose} for a denial that already happened. Use a client of the account of the denied call,
 * because the sources report on that account.
 */
export type RecordedDenialQuestion = AnyQuestion & {
  /** An error of any SDK, an error that wraps it, a response body, a log line, or a CloudTrail record. */
  error: unknown;
  /** What the denial shows takes precedence. @default the model ID in the denial, if that is the one that was called */
  modelId?: string;
  /** The SDK operation. The one in a CloudTrail record takes precedence. @default unknown */
  operation?: string;
  /** The guardrail that the call included: its ID or ARN, and its version. @default unknown */
  guardrail?: { identifier: string; version?: string };
  /** The service tier of the call. @default unknown */
  serviceTier?: string;
  /** The ARN of the principal that called. The one in the error message takes precedence. @default unknown */
  principalArn?: string;
};

/** Where the call is made from. It's checked when the client is made. */
interface Place {
  client?: unknown;
  region?: unknown;
}

/** Checks the question about a call that wasn't made, and fills in the defaults. */
export function preflightSettings(question: PreflightQuestion) {
  const { modelId, operation = "Converse", ...rest } = questionSettings(question);
  return { ...rest, call: { ...rest.call, ...checkedCall("diagnose.", { modelId, operation }) } };
}

/** Checks the question about a denial, and fills in the defaults. */
export function denialSettings({ error, ...question }: RecordedDenialQuestion) {
  const { modelId, operation, call, ...rest } = questionSettings(question);
  if (modelId !== undefined && !isFilled(modelId)) throw wrong("diagnose.modelId", modelId, MODEL);
  if (operation !== undefined && !isOperation(operation)) throw wrong("diagnose.operation", operation, OPERATION);
  return { ...rest, denial: { ...call, error, modelId, operation } };
}

function questionSettings(question: Omit<RecordedDenialQuestion, "error">) {
  const { modelId, operation, guardrail, serviceTier, principalArn, store, timeoutMs, abortSignal, ...rest } = settings(
    question as Omit<RecordedDenialQuestion, keyof Place | "error"> & Place,
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
  const caller = principalArn === undefined ? undefined : parsePrincipal(principalArn);
  return { modelId, operation, call: { facts, caller }, limits: { timeoutMs, signal: abortSignal }, sources, store };
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
    throw wrong(`${prefix}modelId`, modelId, MODEL);
  }
  if (!isOperation(operation)) throw wrong(`${prefix}operation`, operation, OPERATION);
  return { modelId: modelId as string, operation };
}

const MODEL = "the ID or ARN of a model or inference profile";

const OPERATION = 'an operation of the runtime, such as "Converse"';

const isOperation = (name: unknown): name is string => typeof name === "string" && actionOf(name) !== undefined;

const limitChecks = () => ({
  timeoutMs: milliseconds(10_000, 60_000),
  abortSignal: abortSignal(),
});

const unchecked = <T>(value: T): T => value;

const isFilled = (value: unknown): value is string => typeof value === "string" && value !== "";

const isPrincipal = (arn: unknown) => isFilled(arn) && parsePrincipal(arn).isComplete;

const PRINCIPAL = "the ARN of a role, an assumed-role session, a user, or the root user";

function guardrailOf(value: RecordedDenialQuestion["guardrail"], path: string) {
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
