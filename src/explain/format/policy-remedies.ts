import type { Conclusion } from "../../diagnosis.js";
import { deniedGuardrail } from "../guardrail.js";
import { calledProfiles } from "./call-text.js";
import * as docs from "./doc-links.js";
import { policyName } from "./phrases.js";
import { isThroughProfile, neededRegions } from "./region-text.js";
import {
  administrators,
  allowing,
  completeListFirst,
  denying,
  fromCatalog,
  globalCall,
  incomplete,
  ONE_DENY_IS_ENOUGH,
  streaming,
  thePolicyOf,
  type WriteRemedy,
  whereToAllow,
} from "./remedy-parts.js";
import { getPromptStep } from "./target-text.js";

/** Changes of policies. */
export const POLICY_REMEDIES = {
  "exempt-inference-profiles": (c) => ({
    title: `Exempt calls through ${calledProfiles(c)} in the denying statement`,
    steps: [
      `Ask ${administrators(c)} to edit ${denying(c)}.`,
      "If that statement denies by Region, add the following condition to its existing Condition block.",
      "Calls that are routed through these profiles are then allowed. Direct calls, and calls that start in a Region that isn't approved, are still denied.",
      ONE_DENY_IS_ENOUGH,
    ],
    links: [docs.GEOGRAPHIC, docs.SCP],
  }),
  "carve-out-and-re-deny": (c) => ({
    title:
      "If that statement can't be edited (AWS Control Tower owns it), take the invoke actions out of it, and deny them again with the exemption",
    steps: [
      "In the Region deny, add bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream, and bedrock:CreateModelInvocationJob to NotAction. In the AWS Control Tower control CT.MULTISERVICE.PV.1, add them to ExemptedActions.",
      "In the same change, attach the following statement. Replace <approved-region> with the Regions that the organization approves. Without the statement, these actions are allowed in every Region.",
      ONE_DENY_IS_ENOUGH,
    ],
    links: [docs.REGION_DENY_EXAMPLES, c.blockedRegions.includes("unspecified") ? docs.GLOBAL : docs.GEOGRAPHIC],
  }),
  "exempt-in-control-tower": (c) => ({
    title:
      "Exempt the invoke actions in AWS Control Tower's Region deny control, and deny them again in an SCP of your own",
    steps: [
      `Don't edit ${thePolicyOf(c)}. AWS Control Tower owns it. Ask ${administrators(c)} to add bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream, and bedrock:CreateModelInvocationJob to the ExemptedActions parameter of the control CT.MULTISERVICE.PV.1.`,
      "The landing zone's own Region deny control doesn't have this parameter. If you use it, replace it with CT.MULTISERVICE.PV.1 first.",
      "Before that, attach a separate SCP with the following statement. If it contains <approved-region>, replace that with the Regions that the organization approves. Without the SCP, the actions are allowed in every Region.",
      "Other models can then also be called through these inference profiles.",
    ],
    links: [docs.REGION_DENY_CONTROL, docs.GEOGRAPHIC],
  }),
  "replace-aws-managed-policy": (c, { policy }) => ({
    title: `Replace ${thePolicyOf(c)} with a policy of your own`,
    steps: [
      `${c.policy?.arn ?? "The policy"} is an AWS managed policy, so you can't edit it. Detach it, and attach a policy of your own ${policy ? "that also has the following statements" : "without the statement that denies the call"}.`,
    ],
    links: [docs.ACCESS_DENIED],
  }),
  "approve-regions": (c) => ({
    title: `Approve ${neededRegions(c)} in the denying statement`,
    steps: [
      `If ${denying(c)} denies by Region, ask ${administrators(c)} to approve ${neededRegions(c)} in it.`,
      "Approve all of these Regions in one change. AWS reports one blocked Region at a time, so the next call might be denied in the next Region.",
      ...completeListFirst(c),
      "The statement then allows these Regions for every service that it covers.",
    ],
    links: [c.legs.some(({ leg }) => leg.stage === "destination-model") ? docs.GEOGRAPHIC : docs.SCP],
  }),
  "approve-unspecified": (c) => ({
    title: 'Add "unspecified" to the approved Regions of the denying statement',
    steps: [
      `Ask ${administrators(c)} to add "unspecified" to the values of aws:RequestedRegion in ${denying(c)}. AWS sets this value for global routing.`,
      "Requests can then be processed in any commercial AWS Region. Check your data residency requirements first.",
    ],
    links: [docs.GLOBAL],
  }),
  "allow-at-every-scp-level": (c, remedy) => ({
    title: "Allow the call at the level of the organization where no service control policy allows it",
    steps: [
      `Ask ${administrators(c)} which level (root, organizational unit, or account) doesn't allow ${c.action ?? "this action"} on ${c.refusal?.resource ?? "this resource"}. Every level must allow it.`,
      `${allowing(c, remedy)} the SCPs at that level. An Allow in an IAM policy doesn't replace this.`,
      ...incomplete(c),
      ...fromCatalog(c),
    ],
    links: [docs.SCP, docs.GEOGRAPHIC],
  }),
  "allow-in-policy": (c, remedy) => ({
    title: `Allow ${allOf(c)} in the ${policyName(remedy.policy?.policyType ?? c.policy?.type ?? "identity-based-policy")}`,
    steps: [...whereToAllow(c, remedy), ...incomplete(c), ...fromCatalog(c), ...streaming(c)],
    links: [globalCall(c) ? docs.GLOBAL : docs.GEOGRAPHIC, docs.ACCESS_DENIED],
  }),
  "change-denying-policy": (c) => ({
    title: `Change the statement in ${thePolicyOf(c)} that denies the call`,
    steps: [
      `Find the Deny that matches ${c.action ?? c.operation}${c.refusal?.resource ? ` on ${c.refusal?.resource}` : ""}${c.policy?.arn ? ` in ${c.policy.arn}` : ""}. An Allow elsewhere doesn't override it.`,
      ...(c.policy?.type === "identity-based-policy"
        ? ["Before you edit it, ask whether it is intended. AWS Budgets actions and cost guards attach such a Deny."]
        : []),
      ...(c.policy?.type === "resource-control-policy"
        ? [
            "AWS doesn't list Amazon Bedrock among the services that resource control policies cover (list of 2026-09-26), but the error identifies one.",
            ...(c.policy.denyKind === "implicit"
              ? [
                  "The error reports that no resource control policy allows the action. An Allow can't be added, because resource control policies other than RCPFullAWSAccess contain only Deny statements.",
                ]
              : []),
          ]
        : []),
      "Narrow the Deny so that it no longer matches this call.",
    ],
    links: [docs.ACCESS_DENIED],
  }),
  "rotate-compromised-key": (c) => ({
    title: "Treat the access key as compromised. AWS has put it under quarantine",
    steps: [
      `AWS attaches ${c.policy?.arn ?? "this policy"} when it finds an access key in public. Don't detach it first.`,
      "Rotate the key, check in CloudTrail what it was used for, and follow the support case that AWS opened.",
    ],
    links: [docs.QUARANTINE],
  }),
  "find-the-policy": (c, { policy }) => ({
    title: `Find the deciding policy: ${whyToFind(c)}`,
    steps: [
      `Check the caller's identity-based policies first. They need ${policy ? "the following statements" : `to allow ${c.action ?? c.operation}`}.`,
      "Then check the permissions boundary, the session policy, the policy of the VPC endpoint, and the organization's service control policies.",
      ...incomplete(c),
      ...fromCatalog(c),
    ],
    links: [docs.ACCESS_DENIED],
  }),
  "allow-the-action": (c, remedy) => ({
    title: `Allow ${c.action ?? "the action"} for ${c.principal?.name ?? "the caller"}`,
    steps: [
      ...whereToAllow(c, remedy),
      ...(c.kind === "guardrail-denied"
        ? [
            ...(deniedGuardrail(c).origin === "not-sent"
              ? [
                  "The call doesn't send this guardrail. ListEnforcedGuardrailsConfiguration returns the guardrails that the account enforces on every invocation. An organization can enforce a guardrail with a Bedrock policy in AWS Organizations.",
                ]
              : []),
            "If the guardrail uses cross-Region inference, also allow the action on its guardrail profile in every destination Region.",
          ]
        : []),
      ...(c.kind === "kms-denied" ? ["The key policy must also allow the caller."] : []),
    ],
    links: c.kind === "bearer-token-denied" ? [docs.API_KEY_PERMISSIONS] : [docs.ACCESS_DENIED],
  }),
  "share-guardrail": (c) => ({
    title: "Allow the caller in the guardrail's resource-based policy",
    steps: [
      `${c.refusal?.resource ?? "The guardrail"} belongs to account ${deniedGuardrail(c).otherAccount ?? "of another owner"}. Ask an administrator of that account to allow ${c.action ?? "bedrock:ApplyGuardrail"} for the caller in the guardrail's resource-based policy.`,
      "The caller's own policies must allow the action, too.",
    ],
    links: [docs.ENFORCED_GUARDRAILS],
  }),
  "check-prompt-permissions": (c) => ({
    title: "Check the permissions on the prompt's model in every destination Region",
    steps: [
      getPromptStep(c),
      "Check that the caller's policies allow bedrock:InvokeModel on the inference profile, and on its foundation model in every destination Region. GetInferenceProfile returns the Regions.",
      "This error was reported once for a caller whose permissions covered only some of the destination Regions.",
    ],
    links: [docs.GEOGRAPHIC, docs.ERRORS],
  }),
} satisfies Record<string, WriteRemedy>;

/** Only the call of a model or an inference profile is allowed as a whole. */
const allOf = (c: Conclusion) =>
  c.kind === "iam-denied" && isThroughProfile(c) ? "every leg of the call" : (c.action ?? "the call");

function whyToFind({ refusal, policy }: Conclusion): string {
  if (!refusal?.raw) return "no source could determine it";
  if (policy?.type === "resource-based-policy") return "foundation models don't have resource-based policies";
  return "the error doesn't identify it";
}
