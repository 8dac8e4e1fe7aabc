import type { CompiledPolicies } from "../policy/evaluation/policy-set.js";
import { type Principal, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { DiagnosedCall } from "./diagnosed-call.js";

/** The call, and what the application provides about it. */
interface AboutCall {
  call: DiagnosedCall;
  /** The caller, if the application states it. */
  caller?: Principal | undefined;
  /** The policies that the application provided. */
  policies?: CompiledPolicies | undefined;
  /** True for a denial from elsewhere, such as a log. The client's credentials then don't show the caller. */
  isRecorded?: boolean;
}

/** Why AWS denied a call. */
export interface DenialQuestion extends AboutCall {
  refusal: ParsedRefusal;
  preflight?: undefined;
}

/** Whether AWS would authorize a call that wasn't made. */
export interface PreflightQuestion extends AboutCall {
  preflight: true;
  refusal?: undefined;
}

/** The input of a diagnosis. */
export type Question = DenialQuestion | PreflightQuestion;

/** Returns the caller in AWS's message. Parts of it may be hidden. */
export function deniedCaller({ refusal }: Question): Principal | undefined {
  return refusal?.principal === undefined ? undefined : parsePrincipal(refusal.principal);
}

/** Returns the caller in AWS's message, unless the message hides it. Otherwise, the one that the application stated. */
export function knownCaller(question: Question): Principal | undefined {
  return [deniedCaller(question), question.caller].find((principal) => principal?.isComplete);
}

/** Returns true if no message from AWS shows that it evaluated the call: in a preflight, or if the error is empty. */
export const isWithoutMessage = ({ refusal }: Pick<Question, "refusal">): boolean => !refusal?.raw;

/** Returns true if the question is about what IAM authorizes. Policies matter only for these. */
export const isAboutPermissions = ({ preflight, refusal }: Question): boolean =>
  preflight === true || refusal?.kind === "iam-denied";

/** Returns true if AWS and the application identify different callers: another account, role, or user. */
export function isOtherCaller(described: Principal, actual: Principal | undefined): boolean {
  if (!actual?.isComplete) return false;
  const sortOf = ({ type }: Principal) => (type === "assumed-role" ? "role" : type);
  return (
    described.accountId !== actual.accountId || described.name !== actual.name || sortOf(described) !== sortOf(actual)
  );
}
