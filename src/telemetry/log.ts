import type { Diagnosis } from "../diagnosis.js";
import type { FallbackReport } from "../fallback/report.js";
import { exportsOf, isMissing, once } from "../lazy.js";
import { printable } from "../printable.js";
import { errorFieldsOf } from "./error-fields.js";
import { writeLine } from "./loggers.js";
import type { ResilienceLogger } from "./options.js";
import { withoutSessionNames } from "./session-names.js";

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const LEVEL_VARIABLE = "RESILIENT_BEDROCK_LOG_LEVEL";

/** Names of the events in log lines. They are stable, so filters and alarms can use them. */
export const DIAGNOSIS_EVENT = "bedrock call denied";
export const FALLBACK_EVENT = "bedrock call answered by a fallback";

/** How a line is written. Part of the resolved options. */
export interface LogOptions {
  readonly logger: ResilienceLogger | undefined;
  readonly logSessionNames: boolean;
}

/**
 * Writes one line about a diagnosis at level `warn`. It contains only the fields below, and never a prompt, a
 * completion, or a credential. Session names are omitted unless the application opted in to them.
 */
export async function logDiagnosis(diagnosis: Diagnosis, error: unknown, options: LogOptions): Promise<void> {
  const logger = options.logger ?? (await loggerFromEnvironment());
  if (logger) writeLine(logger, "warn", logFields(diagnosis, error, options.logSessionNames), DIAGNOSIS_EVENT);
}

/**
 * Writes one line about a call that a fallback answered. The level is `warn` if this call was denied itself, and `info`
 * if the denial was remembered.
 */
export async function logFallback(report: FallbackReport, diagnosis: Diagnosis, options: LogOptions): Promise<void> {
  const logger = options.logger ?? (await loggerFromEnvironment());
  if (logger) {
    const fields = fallbackFields(report, diagnosis, options.logSessionNames);
    writeLine(logger, report.remembered ? "info" : "warn", fields, FALLBACK_EVENT);
  }
}

function fallbackFields(report: FallbackReport, diagnosis: Diagnosis, sessionNames: boolean): Record<string, unknown> {
  const { operation, action, blockedRegions, policy } = diagnosis;
  const { requested, used, remembered, dropped } = report;
  const why = inOneLine(report.why);
  const fields = { operation, action, requested, used, why, remembered, dropped, blockedRegions };
  return printableFields({ ...fields, policyType: policy?.type, policyArn: policy?.arn }, sessionNames);
}

/** A line of a log contains all lines of a summary. */
const inOneLine = (summary: string) => summary.replaceAll("\n", " ");

/** Starts to load what logging needs, so that no call waits for it later. */
export function prepareLogging({ logger }: LogOptions): void {
  if (logger === undefined) void loggerFromEnvironment()?.catch(() => {});
}

/** False if no logger is provided and none is requested by the environment. */
export const mayLog = ({ logger }: LogOptions): boolean => logger !== undefined || Boolean(process.env[LEVEL_VARIABLE]);

/** Returns the fields of a line. Pure. */
export function logFields(diagnosis: Diagnosis, error: unknown, sessionNames: boolean): Record<string, unknown> {
  const { name, requestId, status } = errorFieldsOf(error);
  const fields = {
    err: { type: name, name, message: inOneLine(diagnosis.summary) },
    diagnosis: { kind: diagnosis.kind, confidence: diagnosis.confidence, complete: diagnosis.complete },
    operation: diagnosis.operation,
    action: diagnosis.action,
    modelId: diagnosis.modelId,
    sourceRegion: diagnosis.sourceRegion,
    blockedRegions: diagnosis.blockedRegions,
    principal: diagnosis.principal?.arn,
    policyType: diagnosis.policy?.type,
    policyArn: diagnosis.policy?.arn,
    requestId,
    httpStatusCode: status,
  };
  const printed = printableFields(fields, sessionNames);
  // It has no prototype, because pino would log the constructor's name as the error's type.
  return { ...printed, err: Object.assign(Object.create(null), printed.err) };
}

/** Returns the same fields with printable text, and without session names unless the application opted in to them. */
function printableFields<T extends object>(fields: T, sessionNames: boolean): Record<keyof T & string, unknown> {
  const printed = (value: unknown): unknown => {
    if (typeof value === "string") return printable(sessionNames ? value : withoutSessionNames(value));
    if (Array.isArray(value)) return value.map(printed);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, printed(each)]));
  };
  return printed(fields) as Record<keyof T & string, unknown>;
}

let fromEnvironment: { level: string; logger: () => Promise<ResilienceLogger | undefined> } | undefined;

/**
 * Returns a pino logger to stderr at the level of RESILIENT_BEDROCK_LOG_LEVEL. If it isn't set, returns undefined and
 * imports nothing.
 */
function loggerFromEnvironment(): Promise<ResilienceLogger | undefined> | undefined {
  const level = process.env[LEVEL_VARIABLE];
  if (!level) return undefined;
  if (fromEnvironment?.level !== level) fromEnvironment = { level, logger: once(() => pinoAt(level)) };
  return fromEnvironment.logger();
}

/** Undefined if the application was bundled without pino. */
async function loadPino() {
  try {
    return exportsOf(await import("pino"));
  } catch (error) {
    if (isMissing(error, "pino")) return undefined;
    throw error;
  }
}

async function pinoAt(level: string): Promise<ResilienceLogger | undefined> {
  if (!LEVELS.includes(level)) {
    process.emitWarning(
      `${LEVEL_VARIABLE} must be one of ${LEVELS.join(", ")}; it is ${printable(JSON.stringify(level))}.`,
    );
    return undefined;
  }
  const { pino } = (await loadPino()) ?? {};
  if (pino === undefined) {
    process.emitWarning(`${LEVEL_VARIABLE} is set, but pino isn't installed: no log lines are written.`);
    return undefined;
  }
  const logger: ResilienceLogger = pino(
    { name: "resilient-bedrock", level },
    pino.destination({ dest: 2, sync: true }),
  );
  return logger;
}
