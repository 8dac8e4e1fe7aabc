import type { Diagnosis } from "../explain/diagnosis.js";
import type { FallbackReport } from "../fallback/report.js";
import { exportsOf, isMissing, lazily } from "../lazy.js";
import { errorFieldsOf } from "./error-fields.js";

/** The part of @opentelemetry/api that is used; the package is the application's, where it has one. */
interface OpenTelemetry {
  trace: {
    getActiveSpan?():
      | { addEvent(name: string, attributes: Record<string, string | string[] | boolean>): void }
      | undefined;
  };
}

/** Undefined in an application without OpenTelemetry: that stays so. */
const openTelemetry = lazily<OpenTelemetry | undefined>(async () => {
  try {
    return exportsOf(await import("@opentelemetry/api"));
  } catch (error) {
    if (isMissing(error, "@opentelemetry/api")) return undefined;
    throw error;
  }
});

/** Begins to load what tracing needs, so that nobody waits for it later. */
export function prepareTracing(): void {
  void openTelemetry();
}

/** Adds the event `resilient_bedrock.diagnosis` to the active span; nothing where there is none. */
export function traceDiagnosis(diagnosis: Diagnosis, error: unknown): Promise<void> {
  return addEvent("resilient_bedrock.diagnosis", () => ({
    ...attributesOf(diagnosis),
    "error.type": errorFieldsOf(error).name ?? "_OTHER",
    "resilient_bedrock.complete": diagnosis.complete,
  }));
}

/** Adds the event `resilient_bedrock.fallback` to the active span; nothing where there is none. */
export function traceFallback({ used, remembered }: FallbackReport, diagnosis: Diagnosis): Promise<void> {
  return addEvent("resilient_bedrock.fallback", () => ({
    ...attributesOf(diagnosis),
    ...(used ? { "gen_ai.response.model": used.modelId, "resilient_bedrock.fallback.region": used.region } : {}),
    "resilient_bedrock.fallback.remembered": remembered,
  }));
}

async function addEvent(name: string, attributes: () => Record<string, string | string[] | boolean>): Promise<void> {
  const api = await openTelemetry();
  api?.trace.getActiveSpan?.()?.addEvent(name, attributes());
}

/** Names of the OpenTelemetry pages "Semantic conventions for AWS Bedrock operations" and "Gen AI spans"; ours for the rest. Never who called: spans go far. */
function attributesOf(diagnosis: Diagnosis): Record<string, string | string[]> {
  const { kind, operation, modelId, sourceRegion, blockedRegions, action, policy } = diagnosis;
  return {
    "gen_ai.provider.name": "aws.bedrock",
    "gen_ai.operation.name": operation.startsWith("Converse") ? "chat" : operation,
    "gen_ai.request.model": modelId,
    "cloud.region": sourceRegion,
    "resilient_bedrock.kind": kind,
    "resilient_bedrock.blocked_regions": [...blockedRegions],
    ...(action ? { "resilient_bedrock.action": action } : {}),
    ...(policy ? { "resilient_bedrock.policy.type": policy.type } : {}),
    ...(policy?.arn ? { "resilient_bedrock.policy.arn": policy.arn } : {}),
  };
}
