import type { Conclusion } from "../../diagnose/evidence.js";
import type { ProposedRemedy } from "../proposal.js";
import { destinationSource, isThroughProfile } from "./region-words.js";
import { list, thePolicy } from "./words.js";

// What several remedies share.

/** The text of a remedy. */
export interface RemedyText {
  title: string;
  steps: string[];
  links: string[];
}

export type WordRemedy = (conclusion: Conclusion, remedy: ProposedRemedy) => RemedyText;

export const ONE_DENY_IS_ENOUGH = "Adding an Allow elsewhere doesn't help. An explicit deny overrides any allow.";

/** Where the statements go, by the type of the policy that lacks them. */
export function whereToAllow({ policy, principal, refusal }: Conclusion): string[] {
  switch (policy?.type) {
    case "permissions-boundary":
      return [
        "Add the following statements to the permissions boundary. The identity-based policy must contain them, too.",
      ];
    case "session-policy":
      return [
        "Add the following statements to the policy that is passed when the role is assumed (Policy or PolicyArns of AssumeRole).",
      ];
    case "vpc-endpoint-policy":
      return [
        "Add the following statements to the policy of the bedrock-runtime VPC endpoint. They cover the profile and the models.",
        "If the call shouldn't use that endpoint, fix the network path instead.",
      ];
    default:
      return [
        principal?.name?.startsWith("AWSReservedSSO_")
          ? "Add the following statements to the permission set in IAM Identity Center. The role itself can't be edited."
          : `Add the following statements to a policy of ${principal?.name ?? "the caller"}.`,
        ...(refusal.raw === ""
          ? []
          : [
              "If the statements are already there, check for an Allow whose condition isn't met, and for a session policy. AWS reports both in the same words.",
            ]),
      ];
  }
}

/** For remedies that list Regions. */
export function completeListFirst(conclusion: Conclusion): string[] {
  return incompleteness(
    conclusion,
    "The destination Regions of the profile are unknown. Call GetInferenceProfile for the full list first.",
  );
}

/** For remedies with statements. */
export function incomplete(conclusion: Conclusion): string[] {
  return incompleteness(
    conclusion,
    "The profile's models or destination Regions are unknown, so the statement for them has wildcards. Its condition limits it to this profile. To list them, call GetInferenceProfile.",
  );
}

function incompleteness(conclusion: Conclusion, ofProfile: string): string[] {
  if (conclusion.legsComplete) return [];
  return isThroughProfile(conclusion)
    ? [ofProfile]
    : ["The call might need permissions in addition to those that are known here."];
}

/** A policy or an edit can't say where its Regions come from. */
export function fromCatalog(conclusion: Conclusion): string[] {
  const source = destinationSource(conclusion);
  if (source === "" || !conclusion.legsComplete) return [];
  return [`The destination Regions are those of the profile${source}.`];
}

export function streaming({ action }: Conclusion): string[] {
  return action === "bedrock:InvokeModel"
    ? ["Streaming calls need a different action, bedrock:InvokeModelWithResponseStream."]
    : [];
}

export const globalCall = ({ legs }: Conclusion) => legs.some(({ leg }) => leg.stage === "global-model");
export const where = (regions: readonly string[]) =>
  regions.includes("unspecified") ? "any commercial AWS Region" : list(regions);
export const thePolicyOf = ({ policy }: Conclusion) => (policy === undefined ? "the policy" : thePolicy(policy));
export const denying = (c: Conclusion) => `the denying statement of ${thePolicyOf(c)}`;

/** Whom to ask about a service control policy: the organization, if the policy's ARN identifies it. */
export function administrators({ policy }: Conclusion): string {
  const [, , , , account = "", resource = ""] = policy?.arn?.split(":") ?? [];
  const organization = resource.split("/")[1];
  return organization === undefined
    ? "the administrators of the AWS organization"
    : `the administrators of the organization ${organization} (management account ${account})`;
}
