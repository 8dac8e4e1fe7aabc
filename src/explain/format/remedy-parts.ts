import type { Conclusion } from "../../diagnosis.js";
import { parseModelId } from "../../resolve/model-id.js";
import type { ProposedRemedy } from "../proposal.js";
import { list, thePolicy } from "./phrases.js";
import { destinationSource, isThroughProfile } from "./region-text.js";

// Text that several remedies share.

/** The text of a remedy. */
export interface RemedyText {
  title: string;
  steps: string[];
  links: string[];
}

export type WriteRemedy = (conclusion: Conclusion, remedy: ProposedRemedy) => RemedyText;

export const ONE_DENY_IS_ENOUGH = "Adding an Allow elsewhere doesn't help. An explicit deny overrides any allow.";

/** Returns `Add the following statements to`. Without statements, returns `Allow bedrock:InvokeModel in`. */
export function allowing({ action, operation }: Conclusion, { policy }: ProposedRemedy): string {
  const { length = 0 } = policy && "statements" in policy ? policy.statements : [];
  if (length === 0) return `Allow ${action ?? operation} in`;
  return `Add the following statement${length > 1 ? "s" : ""} to`;
}

/** Returns where to add the statements, by the type of the policy that lacks them. */
export function whereToAllow(conclusion: Conclusion, remedy: ProposedRemedy): string[] {
  const { policy, principal, refusal } = conclusion;
  const add = allowing(conclusion, remedy);
  switch (policy?.type) {
    case "permissions-boundary":
      return [`${add} the permissions boundary. The identity-based policy must also allow the call.`];
    case "session-policy":
      return [`${add} the policy that is passed when the role is assumed (Policy or PolicyArns of AssumeRole).`];
    case "vpc-endpoint-policy":
      return [
        `${add} the policy of the VPC endpoint that the call uses.`,
        "If the call shouldn't use that endpoint, fix the network path instead.",
      ];
    case "resource-based-policy":
      return [`${add} the resource-based policy of ${refusal?.resource ?? "the resource"}.`];
    default:
      return [
        principal?.name?.startsWith("AWSReservedSSO_")
          ? `${add} the permission set in IAM Identity Center. The role itself can't be edited.`
          : `${add} a policy of ${principal?.name ?? "the caller"}.`,
        ...(!refusal?.raw || policy === undefined
          ? []
          : [
              "If a policy already allows this, check for an Allow whose condition isn't met, and for a session policy. AWS reports both in the same words.",
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
  if (isThroughProfile(conclusion)) return [ofProfile];
  const { kind } = parseModelId(conclusion.modelId);
  if (kind === "prompt")
    return ["The model or inference profile that the prompt selects is unknown. GetPrompt returns it."];
  if (kind === "prompt-router" || kind === "default-prompt-router") {
    return ["The models of the prompt router are unknown. GetPromptRouter returns them."];
  }
  return ["The call might need permissions in addition to those that are known here."];
}

/** A policy or an edit can't state the source of its Regions. */
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

/** Returns whom to ask about a service control policy: the organization, if the policy's ARN identifies it. */
export function administrators({ policy }: Conclusion): string {
  const [, , , , account = "", resource = ""] = policy?.arn?.split(":") ?? [];
  const organization = resource.split("/")[1];
  return organization === undefined
    ? "the administrators of the AWS organization"
    : `the administrators of the organization ${organization} (management account ${account})`;
}
