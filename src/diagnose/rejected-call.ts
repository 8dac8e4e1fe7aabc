import { type DiagnosedCall, isThroughProfile, takesModelsOnly } from "./diagnosed-call.js";
import type { Gathered } from "./gathered.js";
import { isWithoutMessage, type Question } from "./question.js";

// Calls that AWS rejects whatever the policies allow. They have no authorization legs, because nothing is authorized
// for them.

/**
 * Whether this call can't succeed, whatever the policies allow. Its model or profile doesn't exist here, the model
 * can't be called by this ID, or the operation doesn't take an inference profile. AWS doesn't document what it
 * evaluates before it rejects such a call, and another call replaces it.
 */
export function isNeverAuthorized(question: Question, { evidence }: Pick<Gathered, "evidence">): boolean {
  const { kind, sentence } = question.refusal ?? {};
  const isWithoutTarget = kind === "invalid-model-id" || sentence === "model-end-of-life";
  return (
    isWithoutTarget ||
    kind === "on-demand-unsupported" ||
    isProfileOfModelsOnly(question.call) ||
    (isWithoutMessage(question) && isProfileAbsent(evidence))
  );
}

const isProfileOfModelsOnly = (call: DiagnosedCall) => takesModelsOnly(call) && isThroughProfile(call);

/** Whether Bedrock doesn't find the call's profile. */
const isProfileAbsent = (evidence: Gathered["evidence"]) =>
  evidence.some(({ finding }) => finding.code === "profile-unresolved" && finding.failure?.reason === "not-found");
