import { asciiLower } from "../ascii.js";
import { actionOf } from "../authorization.js";
import type { Finding } from "../diagnosis.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { Gathered } from "./gathered.js";
import { isProfile, type PlannedRead } from "./plan.js";
import type { RefusedCall } from "./refused-call.js";

// Calls that AWS rejects whatever the policies allow. They have no authorization legs, because nothing is authorized
// for them.

/**
 * Whether this call can't succeed, whatever the policies allow. Its model or profile doesn't exist here, the model
 * can't be called by this ID, or the operation doesn't take an inference profile. AWS doesn't document what it
 * evaluates before it rejects such a call, and another call replaces it.
 */
export function isRejected(call: RefusedCall, { kind, sentence }: Pick<ParsedRefusal, "kind" | "sentence">): boolean {
  const isWithoutTarget = kind === "invalid-model-id" || sentence === "model-end-of-life";
  return isWithoutTarget || kind === "on-demand-unsupported" || isProfileOfModelsOnly(call);
}

/** Whether Bedrock doesn't find the call's profile, and no error shows that AWS evaluated the call. */
export const isProfileAbsent = (
  { raw }: Pick<ParsedRefusal, "raw">,
  { evidence }: Pick<Gathered, "evidence">,
): boolean =>
  raw === "" &&
  evidence.some(({ finding }) => finding.code === "profile-unresolved" && finding.failure?.reason === "not-found");

/** Operations that take foundation models only (Amazon Bedrock API Reference, "CountTokens"). */
const takesModelsOnly = ({ operation }: Pick<RefusedCall, "operation">): boolean =>
  actionOf(operation) === "bedrock:CountTokens";

const isProfileOfModelsOnly = (call: RefusedCall) => takesModelsOnly(call) && isProfile(call.reference);

/** Reads about inference profiles. They don't help with an operation that doesn't take a profile. */
const ABOUT_PROFILES: ReadonlySet<PlannedRead> = new Set(["profile", "alternatives", "source-regions", "on-demand"]);

/** Returns the reads that help with the operation. */
export const usefulReads = (call: RefusedCall, reads: readonly PlannedRead[]): PlannedRead[] =>
  reads.filter((read) => !takesModelsOnly(call) || !ABOUT_PROFILES.has(read));

/**
 * Returns that the operation doesn't take inference profiles, if the call contains one and the denial may be due to
 * that.
 */
export function modelsOnlyFinding(call: RefusedCall, { kind, action }: ParsedRefusal): Finding | undefined {
  const { operation, reference, modelId } = call;
  const isOfOperation = action === undefined || asciiLower(action) === asciiLower(actionOf(operation) ?? "");
  if (!isProfileOfModelsOnly(call) || !MAYBE_DUE_TO_ID.has(kind) || !isOfOperation) return undefined;
  const foundationModelId = "modelId" in reference && "geography" in reference && reference.geography !== "";
  return {
    code: "takes-foundation-models-only",
    operation: operation.replace(/Command$/, ""),
    modelId,
    ...(foundationModelId ? { foundationModelId: reference.modelId } : {}),
  };
}

const MAYBE_DUE_TO_ID: ReadonlySet<ParsedRefusal["kind"]> = new Set([
  "iam-denied",
  "invalid-model-id",
  "on-demand-unsupported",
  "unknown",
]);
