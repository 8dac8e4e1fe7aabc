import { defined } from "../defined.js";
import type { Diagnosis } from "../diagnosis.js";
import type { FallbackReport } from "../fallback/report.js";
import { exportsOf, isMissing, lazily } from "../lazy.js";
import { nameOfError } from "./error-fields.js";

/** The part of @opentelemetry/api that is used. If the application has the package, that one is loaded. */
interface OpenTelemetry {
  trace: {
    getActiveSpan?():
      | { addEvent(name: string, attributes: Record<string, string | string[] | boolean>): void }
      | undefined;
  };
}

/** True as soon as it is known that the application has no OpenTelemetry. */
let isAbsent = false;

/** Undefined in an application without OpenTelemetry. The result is cached. */
const openTelemetry = lazily<OpenTelemetry | undefined>(async () => {
  try {
    return exportsOf(await import("@opentelemetry/api"));
  } catch (error) {
    if (!isMissing(error, "@opentelemetry/api")) throw error;
    isAbsent = true;
    return undefined;
  }
});

/** False if there is nothing to trace with. */
export const mayTrace = (): boolean => !isAbsent;

/** Starts to load what tracing needs, so that no call waits for it later. */
export function prepareTracing(): void {
  void openTelemetry();
}

/** Adds the event `resilient_bedrock.diagnosis` to the active span, if there is one. */
export function traceDiagnosis(diagnosis: Diagnosis, error: unknown): Promise<void> {
  return addEvent("resilient_bedrock.diagnosis", () => ({
    ...attributesOf(diagnosis),
    "error.type": nameOfError(error) ?? "_OTHER",
    "resilient_bedrock.complete": diagnosis.complete,
  }));
}

/** Adds the event `resilient_bedrock.fallback` to the active span, if there is one. */
export function traceFallback({ used, remembered }: FallbackReport, diagnosis: Diagnosis): Promise<void> {
  return addEvent("resilient_bedrock.fallback", () => ({
    ...attributesOf(diagnosis),
    ...defined({
      "gen_ai.response.model": used?.modelId,
      "resilient_bedrock.fallback.region": used?.region,
      "resilient_bedrock.fallback.remembered": remembered,
    }),
  }));
}

async function addEvent(name: string, attributes: () => Record<string, string | string[] | boolean>): Promise<void> {
  const api = await openTelemetry();
  api?.trace.getActiveSpan?.()?.addEvent(name, attributes());
}

/**
 * Returns the attributes of an event. Names are from the OpenTelemetry pages "Semantic conventions for AWS Bedrock
 * operations" and "Gen AI spans". Other names are the library's own. The caller is never included, because spans are
 * sent to other systems.
 */
function attributesOf(diagnosis: Diagnosis): Record<string, string | string[]> {
  const { kind, operation, modelId, sourceRegion, blockedRegions, action, policy } = diagnosis;
  return defined({
    "gen_ai.provider.name": "aws.bedrock",
    "gen_ai.operation.name": operation.startsWith("Converse") ? "chat" : operation,
    "gen_ai.request.model": modelId,
    "cloud.region": sourceRegion,
    "resilient_bedrock.kind": kind,
    "resilient_bedrock.blocked_regions": [...blockedRegions],
    "resilient_bedrock.action": action,
    "resilient_bedrock.policy.type": policy?.type,
    "resilient_bedrock.policy.arn": policy?.arn,
  });
}
