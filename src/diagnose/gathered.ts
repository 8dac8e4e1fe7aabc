import type { AlternativeProfile, BareEvidence } from "../diagnosis.js";
import type { CompiledKnowledge } from "../policy/evaluation/policy-set.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import type { ModelAccess } from "./ports.js";
import type { RefusedCall } from "./refused-call.js";
import type { Simulation } from "./simulation.js";

/** The results of the reads. A failure is recorded in `evidence`, and nowhere else. */
export interface Gathered {
  profile?: InferenceProfile;
  alternatives: AlternativeProfile[];
  access?: ModelAccess;
  identity?: CallerIdentity;
  /** True after the lookup of the caller's role started. */
  isRoleAsked?: boolean;
  /** The policies that the application provided, together with the organization's. */
  policies?: CompiledKnowledge;
  simulation?: Simulation;
  probe?: Probed;
  evidence: BareEvidence[];
  complete: boolean;
}

/** The caller. */
export interface CallerIdentity {
  principalArn: string;
  /** The role or user whose policies apply. Absent if there is none, or if its path is unknown. */
  policySourceArn?: string;
  /** True if the role's path is a guess. */
  isGuessed: boolean;
  /** `aws:userid` of a session. */
  userId?: string;
}

/** The response to a request without content. */
export interface Probed {
  refusal?: ParsedRefusal;
  /** True if only the content was rejected. */
  passed: boolean;
}

/** The input of a diagnosis. */
export interface Question {
  call: RefusedCall;
  /** AWS's message. Absent in a preflight, because no call was denied yet. */
  refusal?: ParsedRefusal | undefined;
  /** The caller, if the application states it. */
  principalArn?: string | undefined;
  /** The policies that the application provided. */
  given?: CompiledKnowledge | undefined;
}
