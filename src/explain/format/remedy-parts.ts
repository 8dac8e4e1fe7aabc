import type { Conclusion } from "../../diagnose/evidence.js";
import { list, thePolicy } from "./words.js";

// What several remedies say.

export const ONE_DENY_IS_ENOUGH =
  "Another policy that allows does not help: a Deny holds until the statement itself is changed.";

/** Where the statements go, by the kind of policy that lacks them. */
export function whereToAllow({ policy, principal, refusal }: Conclusion): string[] {
  switch (policy?.type) {
    case "permissions-boundary":
      return ["Add the statements below to the permissions boundary; the identity-based policy needs them as well."];
    case "session-policy":
      return [
        "Add the statements below to the policy that is passed when the role is assumed (Policy or PolicyArns of AssumeRole).",
      ];
    case "vpc-endpoint-policy":
      return [
        "Add the statements below to the policy of the bedrock-runtime VPC endpoint: the profile and the models of every destination Region.",
        "If the call should not go through that endpoint, mend the network path instead.",
      ];
    default:
      return [
        principal?.name?.startsWith("AWSReservedSSO_")
          ? "Add the statements below to the permission set in IAM Identity Center: the role itself cannot be edited."
          : `Add the statements below to a policy of ${principal?.name ?? "the caller"}.`,
        ...(refusal.raw === ""
          ? []
          : [
              "An Allow whose condition is not met, and a narrow session policy, are reported with the same words: check for those if the statements are already there.",
            ]),
      ];
  }
}

export function incomplete({ legsComplete }: Conclusion): string[] {
  return legsComplete
    ? []
    : [
        "The profile's models or destination Regions are unknown, so the statement for them has wildcards. Its condition limits it to this profile. To list them, call GetInferenceProfile.",
      ];
}

export function streaming({ action }: Conclusion): string[] {
  return action === "bedrock:InvokeModel"
    ? ["Streaming calls need bedrock:InvokeModelWithResponseStream too: a different action."]
    : [];
}

export const globalCall = ({ legs }: Conclusion) => legs.some(({ leg }) => leg.stage === "global-model");
export const where = (regions: readonly string[]) =>
  regions.includes("unspecified") ? "any commercial AWS Region" : list(regions);
export const thePolicyOf = ({ policy }: Conclusion) => (policy === undefined ? "the policy" : thePolicy(policy));
export const denying = (c: Conclusion) => `the denying statement of ${thePolicyOf(c)}`;

/** Whom to ask about a service control policy: the organization, when the policy's ARN names it. */
export function administrators({ policy }: Conclusion): string {
  const [, , , , account = "", resource = ""] = policy?.arn?.split(":") ?? [];
  const organization = resource.split("/")[1];
  return organization === undefined
    ? "the administrators of the AWS organization"
    : `the administrators of the organization ${organization} (management account ${account})`;
}
