import type { CompiledKnowledge } from "../policy/knowledge.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import type { AlternativeProfile, BareEvidence } from "./evidence.js";
import type { ModelAccess } from "./ports.js";
import type { RefusedCall } from "./refused-call.js";
import type { Simulation } from "./simulation.js";

/** What the reads brought. Whatever failed is in `evidence`, and nowhere else. */
export interface Gathered {
  profile?: InferenceProfile;
  alternatives: AlternativeProfile[];
  access?: ModelAccess;
  identity?: CallerIdentity;
  /** True from when the path of the caller's role was asked for. */
  isRoleAsked?: boolean;
  /** The policies that the application described, with the organization's. */
  policies?: CompiledKnowledge;
  simulation?: Simulation;
  probe?: Probed;
  evidence: BareEvidence[];
  complete: boolean;
}

/** Who calls. */
export interface CallerIdentity {
  principalArn: string;
  /** The role or user whose policies decide; absent where there is none, or its path is not known. */
  policySourceArn?: string;
  /** True where the role's path is a guess. */
  isGuessed: boolean;
  /** `aws:userid` of a session. */
  userId?: string;
}

/** How a request without content was answered. */
export interface Probed {
  refusal?: ParsedRefusal;
  /** True where it was only its content that was complained about. */
  passed: boolean;
}

/** What was asked, and all that there is to go by. */
export interface Question {
  call: RefusedCall;
  /** AWS's message; none where no call was refused yet. */
  refusal?: ParsedRefusal | undefined;
  /** The caller, where the application says who that is. */
  principalArn?: string | undefined;
  /** The policies that the application described. */
  given?: CompiledKnowledge | undefined;
}
