import type { Diagnosis } from "../explain/diagnosis.js";
import type { FallbackReport } from "../invoke/report.js";
import type { ResilienceLogger } from "../options.js";

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const LEVEL_VARIABLE = "RESILIENT_BEDROCK_LOG_LEVEL";

/** Names of the events in log lines; stable, for filters and alarms. */
export const DIAGNOSIS_EVENT = "bedrock call refused";
export const FALLBACK_EVENT = "bedrock call answered by a fallback";

/** What decides how a line is written; part of the resolved options. */
export interface LogOptions {
  readonly logger: ResilienceLogger | undefined;
  readonly logSessionNames: boolean;
}

/**
 * Writes one line about a diagnosis at level `warn`. Never a prompt, a completion or a credential: the line is made of
 * the named fields below and nothing else. Session names are left out unless asked for.
 */
export async function logDiagnosis(diagnosis: Diagnosis, error: unknown, options: LogOptions): Promise<void> {
  const logger = options.logger ?? (await loggerFromEnvironment());
  logger?.warn(logFields(diagnosis, error, options.logSessionNames), DIAGNOSIS_EVENT);
}

/**
 * Writes one line about a call that a fallback answered: `warn` for the one that found the block, `info` for those that
 * knew of it.
 */
export async function logFallback(report: FallbackReport, diagnosis: Diagnosis, options: LogOptions): Promise<void> {
  const logger = options.logger ?? (await loggerFromEnvironment());
  const { operation, action, blockedRegions, policy } = diagnosis;
  const { requested, used, remembered, dropped } = report;
  const why = options.logSessionNames ? report.why : withoutSessionNames(report.why);
  const fields = { operation, action, requested, used, why, remembered, dropped, blockedRegions };
  logger?.[remembered ? "info" : "warn"](
    { ...fields, policyType: policy?.type, policyArn: policy?.arn },
    FALLBACK_EVENT,
  );
}

/** Begins to load what logging needs, so that nobody waits for it later. */
export function prepareLogging({ logger }: LogOptions): void {
  if (logger === undefined) void loggerFromEnvironment()?.catch(() => {});
}

/** The fields of a line. Pure. */
export function logFields(diagnosis: Diagnosis, error: unknown, sessionNames: boolean): Record<string, unknown> {
  const { name, $metadata } = error as { name?: string; $metadata?: { requestId?: string; httpStatusCode?: number } };
  const shown = (text: string) => (sessionNames ? text : withoutSessionNames(text));
  return {
    // Without a prototype: pino would take the constructor's name for the error's type.
    err: Object.assign(Object.create(null), { type: name, name, message: shown(diagnosis.summary) }),
    diagnosis: { kind: diagnosis.kind, confidence: diagnosis.confidence, complete: diagnosis.complete },
    operation: diagnosis.operation,
    action: diagnosis.action,
    modelId: diagnosis.modelId,
    sourceRegion: diagnosis.sourceRegion,
    blockedRegions: diagnosis.blockedRegions,
    principal: diagnosis.principal && shown(diagnosis.principal.arn),
    policyType: diagnosis.policy?.type,
    policyArn: diagnosis.policy?.arn,
    requestId: $metadata?.requestId,
    httpStatusCode: $metadata?.httpStatusCode,
  };
}

/** Session names stand behind the role's or federated user's name and are often e-mail addresses. */
function withoutSessionNames(text: string): string {
  return text.replace(/(assumed-role\/[^/\s]+\/|federated-user\/)[\w+=,.@-]+/g, "$1[session]");
}

let fromEnvironment: { level: string; logger: Promise<ResilienceLogger | undefined> } | undefined;

/** A pino logger to stderr at the level of RESILIENT_BEDROCK_LOG_LEVEL; undefined, and no import, where it is not set. */
function loggerFromEnvironment(): Promise<ResilienceLogger | undefined> | undefined {
  const level = process.env[LEVEL_VARIABLE];
  if (!level) return undefined;
  if (fromEnvironment?.level !== level) fromEnvironment = { level, logger: pinoAt(level) };
  return fromEnvironment.logger;
}

async function pinoAt(level: string): Promise<ResilienceLogger | undefined> {
  if (!LEVELS.includes(level)) {
    process.emitWarning(`${LEVEL_VARIABLE} must be one of ${LEVELS.join(", ")}; it is ${JSON.stringify(level)}.`);
    return undefined;
  }
  const { pino } = await import("pino");
  const logger: ResilienceLogger = pino(
    { name: "resilient-bedrock", level },
    pino.destination({ dest: 2, sync: true }),
  );
  return logger;
}
