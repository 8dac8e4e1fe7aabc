import type { DenyKind, PolicyType } from "../authorization.js";
import type { RefusalKind } from "../refusal/kinds.js";
import type { LookupFailure } from "../resolve/lookup-failure.js";
import type { ModelAccess } from "./ports.js";

/**
 * The source of a piece of evidence. `message`: the error message of the denial. `profile`: the destination Regions of
 * the inference profile. `foundation-model`: the account's access to the model, as the service reports it. `policies`:
 * the policy documents that the application provided. `identity`: the caller, from AWS STS and IAM. `organization`: the
 * service control policies from AWS Organizations. `simulation`: IAM's policy simulator. `probe`: a request without
 * content. `application`: what the application stated.
 */
export type EvidenceSource =
  | "message"
  | "profile"
  | "foundation-model"
  | "policies"
  | "identity"
  | "organization"
  | "simulation"
  | "probe"
  | "application";

/** What one source reports: a code and its arguments. `explain/format` converts it to sentences. */
export type Finding =
  | { code: "refusal-names-resource"; action: string; resource: string; policyType?: PolicyType; denyKind?: DenyKind }
  | { code: "refusal-names-no-resource"; kind: RefusalKind }
  | { code: "profile-from-api"; profileId: string; destinationRegions: string[]; cached: boolean; asOf?: string }
  | {
      code: "profile-from-bundled-catalog";
      profileId: string;
      destinationRegions: string[];
      asOf?: string;
      failure?: LookupFailure;
    }
  | { code: "profile-not-offered-here"; profileId: string; sourceRegions: string[]; asOf?: string }
  /** `notInCatalogOf` is the catalog's date, if the catalog doesn't contain the profile either. */
  | { code: "profile-unresolved"; modelId: string; failure?: LookupFailure; notInCatalogOf?: string }
  | ({ code: "profiles-of-model"; modelId: string } & ListedProfiles)
  /** An ID that Bedrock doesn't accept, and the profiles of the models that it may refer to. */
  | ({ code: "profiles-of-similar-models"; modelId: string; similarModelIds: string[] } & ListedProfiles)
  /** The model can't be called by its bare ID in the source Region. */
  | ({ code: "model-needs-profile"; modelId: string } & ListedProfiles)
  /** The model doesn't exist in the source Region. */
  | { code: "model-not-found"; modelId: string }
  /** `foundationModelId` is absent if the profile's ID doesn't show it. */
  | { code: "takes-foundation-models-only"; operation: string; modelId: string; foundationModelId?: string }
  | { code: "policies-evaluated"; policyNames: string[]; allowed: number; blocked: number; unknown: number }
  /** The provided policies allow the leg that AWS denied. They are incomplete or out of date. */
  | { code: "policies-disagree"; policyNames: string[]; resource: string }
  | { code: "policies-without-principal" }
  /** The application stated another principal than the one in the error message. */
  | { code: "policies-of-another-caller"; principalArn: string }
  | ({ code: "model-access"; modelId: string; isGovCloud?: boolean } & ModelAccess)
  | { code: "use-case-form"; isFilled: boolean }
  /**
   * The prompt selects one of these profiles of the model that AWS denied, or another one that isn't in the catalog.
   */
  | {
      code: "prompt-selects-profile";
      promptArn: string;
      sourceRegion: string;
      modelId: string;
      /** The Region in which AWS denied the model. `unspecified` for global routing. */
      region: string;
      profiles: { profileId: string; destinationRegions: string[] }[];
      asOf: string;
    }
  /** The mode applies to the whole account in this Region. */
  | { code: "data-retention-mode"; mode: string; region: string }
  | { code: "organization-policies"; levels: { level: string; policyNames: string[] }[]; managementAccountId?: string }
  | { code: "organization-without-account" }
  | { code: "caller"; principalArn: string }
  /** The role of a session. `isGuessed` is true if IAM didn't return its path. */
  | { code: "role"; roleArn: string; isGuessed: boolean; errorName?: string }
  | {
      code: "simulation";
      policySourceArn: string;
      allowed: number;
      denied: number;
      /** Legs that weren't simulated before the deadline. */
      open: number;
    }
  | { code: "probe-refused"; kind: RefusalKind; resource?: string }
  | { code: "probe-passed"; errorName?: string }
  | { code: "probe-undecided"; errorName: string }
  /**
   * The enforced guardrails that the application stated. If the list is empty, it stated that no guardrail is enforced.
   */
  | { code: "enforced-guardrails"; guardrailArns: string[] }
  /**
   * The application stated the guardrail profile of a guardrail. If there are no ARNs, it stated that there is none.
   */
  | { code: "guardrail-profiles"; guardrail: string; profileArns: string[] }
  /** The source can't be used here, for this reason. */
  | { code: "source-not-applicable"; reason: NotApplicable }
  | { code: "source-not-installed"; packageName: string }
  /** The package is installed, but loading it failed, or the installed version lacks an export. */
  | { code: "source-not-loaded"; packageName: string; errorName?: string; missingExport?: string }
  | { code: "source-failed"; reason: "deadline" | "aborted" | "error"; errorName?: string };

/** Inference profiles, and how it is known that they exist. */
export interface ListedProfiles {
  /** The narrowest first, and global profiles last. */
  profileIds: string[];
  /** Those that GetInferenceProfile returned. The others are from the catalog. */
  confirmedIds?: string[];
  /** The catalog's date. */
  asOf?: string;
  /** False if the catalog doesn't contain the model, which may be newer than the catalog. */
  isInCatalog?: boolean;
}

/** Why a source can't determine anything about this caller, or may not be used. */
export type NotApplicable =
  | "bearer-token"
  | "root"
  | "federated-user"
  | "service-linked-role"
  | "role-path-unknown"
  | "no-caller"
  | "no-legs"
  | "not-an-invocation"
  | "other-caller"
  | "may-start-subscription"
  | "probed-just-now";
