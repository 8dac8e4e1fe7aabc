import type { Conclusion } from "../../diagnose/evidence.js";
import type { ConditionCode } from "../deciding-conditions.js";
import type { EditCode, ProposedRemedy, RemedyCode } from "../proposal.js";
import { profilesOf, regionsOf } from "./call-words.js";
import { CONDITION_CODES, conditionWords } from "./condition-words.js";
import { editSteps, editTitle } from "./edit-words.js";
import { alternativesWords, sourceWords } from "./profile-words.js";
import {
  administrators,
  denying,
  globalCall,
  incomplete,
  ONE_DENY_IS_ENOUGH,
  streaming,
  thePolicyOf,
  where,
  whereToAllow,
} from "./remedy-parts.js";
import { list, policyName } from "./words.js";

interface Words {
  title: string;
  steps: string[];
  links: string[];
}

const USER_GUIDE = "https://docs.aws.amazon.com/bedrock/latest/userguide";
const GEOGRAPHIC = `${USER_GUIDE}/geographic-cross-region-inference.html`;
const GLOBAL = `${USER_GUIDE}/global-cross-region-inference.html`;
const PROFILES = `${USER_GUIDE}/inference-profiles-support.html`;
const MODEL_ACCESS = `${USER_GUIDE}/model-access.html`;
const ERRORS = `${USER_GUIDE}/troubleshooting-api-error-codes.html`;
const REGION_DENY_EXAMPLES = "https://github.com/aws-samples/service-control-policy-examples";
const ACCESS_DENIED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html";
const SCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html";

/** The words of a remedy: what it is, what to do in order, and where AWS says so. */
export function remedyWords(remedy: ProposedRemedy, conclusion: Conclusion): Words {
  const { code, edits } = remedy;
  if (edits) {
    const links = isEditCode(code) || isConditionCode(code) ? [SCP] : WORDS[code](conclusion, remedy).links;
    return { title: editTitle(edits), steps: editSteps(remedy), links };
  }
  if (isConditionCode(code)) return conditionWords(code, conclusion, remedy.condition);
  return isEditCode(code) ? { title: code, steps: [], links: [] } : WORDS[code](conclusion, remedy);
}

const isEditCode = (code: RemedyCode): code is EditCode =>
  code === "narrow-region-deny-list" ||
  code === "edit-several-policies" ||
  code === "exempt-profile-and-approve-source";

const isConditionCode = (code: RemedyCode): code is ConditionCode => CONDITION_CODES.includes(code as ConditionCode);

const WORDS: Record<
  Exclude<RemedyCode, EditCode | ConditionCode>,
  (conclusion: Conclusion, remedy: ProposedRemedy) => Words
> = {
  "exempt-inference-profiles": (c) => ({
    title: `Exempt calls through ${profilesOf(c)} in the statement that denies`,
    steps: [
      `Ask ${administrators(c)} to open ${denying(c)}.`,
      "Where that statement denies by Region, add the condition below to its Condition, beside what stands there.",
      "Calls routed through these profiles then pass; direct calls, and calls that start in a Region that is not approved, stay denied.",
      ONE_DENY_IS_ENOUGH,
    ],
    links: [GEOGRAPHIC, SCP],
  }),
  "carve-out-and-re-deny": (c) => ({
    title:
      "Where that statement cannot be edited (AWS Control Tower owns it): take the invoke actions out of it, and deny them again with the exemption",
    steps: [
      "In the Region deny, add bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream and bedrock:CreateModelInvocationJob to NotAction (in AWS Control Tower's CT.MULTISERVICE.PV.1: to ExemptedActions).",
      "In the same change, attach the statement below; put the Regions that the organization approves in place of <approved-region>. Without it the actions would be open in every Region.",
      ONE_DENY_IS_ENOUGH,
    ],
    links: [REGION_DENY_EXAMPLES, c.blockedRegions.includes("unspecified") ? GLOBAL : GEOGRAPHIC],
  }),
  "exempt-in-control-tower": (c) => ({
    title:
      "Exempt the invoke actions in AWS Control Tower's Region deny control, and deny them again in an SCP of your own",
    steps: [
      `Don't edit ${thePolicyOf(c)}: AWS Control Tower owns it. Ask ${administrators(c)} to add bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream and bedrock:CreateModelInvocationJob to the ExemptedActions parameter of the control CT.MULTISERVICE.PV.1.`,
      "The landing zone's own Region deny control has no such parameter: replace it with CT.MULTISERVICE.PV.1 first.",
      "Before that, attach a separate SCP with the following statement. If it contains <approved-region>, replace that with the Regions that the organization approves. Without the SCP, the actions are allowed in every Region.",
      "Other models can then also be called through these inference profiles.",
    ],
    links: ["https://docs.aws.amazon.com/controltower/latest/controlreference/ou-region-deny.html", GEOGRAPHIC],
  }),
  "replace-aws-managed-policy": (c, { policy }) => ({
    title: `Replace ${thePolicyOf(c)} with a policy of your own`,
    steps: [
      `${c.policy?.arn ?? "The policy"} is an AWS managed policy: you can't edit it. Detach it, and attach a policy of your own ${policy ? "that also has the following statements" : "without the statement that denies the call"}.`,
    ],
    links: [ACCESS_DENIED],
  }),
  "approve-regions": (c) => ({
    title: `Approve ${list(regionsOf(c))} in the statement that denies`,
    steps: [
      `Ask ${administrators(c)} to add ${list(regionsOf(c))} to the Regions that ${denying(c)} leaves open, where it denies by Region.`,
      ...(regionsOf(c).length > 1
        ? ["All of them at once: AWS names one blocked Region per refusal, and the next call would name the next."]
        : []),
      ...(c.legsComplete
        ? []
        : ["The profile's destinations are not known here: ask GetInferenceProfile for the full list first."]),
      "This opens these Regions for every service that the statement covers.",
    ],
    links: [c.legs.some(({ leg }) => leg.stage === "destination-model") ? GEOGRAPHIC : SCP],
  }),
  "approve-unspecified": (c) => ({
    title: 'Add "unspecified" to the approved Regions of the statement that denies',
    steps: [
      `Ask ${administrators(c)} to add "unspecified" to the list of aws:RequestedRegion in ${denying(c)}: that is the value AWS sets for global routing.`,
      "Requests may then be processed in any commercial AWS Region: this is a decision about data residency.",
    ],
    links: [GLOBAL],
  }),
  "use-geographic-profile": (c) => ({
    title: `Call a geographic profile instead: ${list(c.alternatives.map(({ profileId }) => profileId))}`,
    steps: [
      ...c.alternatives.map(
        ({ profileId, destinationRegions, ...known }) =>
          `${profileId} stays in ${list(destinationRegions)} (${sourceWords(known)}).`,
      ),
      "It does not need global routing, but its own destination Regions have to be allowed.",
    ],
    links: [PROFILES],
  }),
  "use-approved-source-region": (c) => ({
    title: `Call from a source Region that ${thePolicyOf(c)} approves`,
    steps: [
      `Create the client with that Region instead of ${c.sourceRegion}, if the profile is offered there.`,
      "Every destination Region of the profile has to be allowed from there as well.",
    ],
    links: [PROFILES],
  }),
  "allow-at-every-scp-level": (c) => ({
    title: "Allow the call at the level of the organization where no service control policy does",
    steps: [
      `Ask ${administrators(c)} which level (root, organizational unit or account) has no Allow for ${c.action ?? "this action"} on ${c.refusal.resource ?? "this resource"}: every level needs one.`,
      "Add the statements below to the allow list at that level. An Allow in an IAM policy cannot stand in for it.",
      ...incomplete(c),
    ],
    links: [SCP, GEOGRAPHIC],
  }),
  "allow-in-policy": (c, { policy }) => ({
    title: `Allow every leg of the call in the ${policyName(policy?.policyType ?? "identity-based-policy")}`,
    steps: [...whereToAllow(c), ...incomplete(c), ...streaming(c)],
    links: [globalCall(c) ? GLOBAL : GEOGRAPHIC, ACCESS_DENIED],
  }),
  "change-denying-policy": (c) => ({
    title: `Change the statement in ${thePolicyOf(c)} that denies`,
    steps: [
      `Find the Deny that matches ${c.action ?? c.operation} on ${c.refusal.resource ?? "the resource"}${c.policy?.arn ? ` in ${c.policy.arn}` : ""}. No Allow elsewhere overrides it.`,
      ...(c.policy?.type === "identity-based-policy"
        ? [
            "Before editing, ask whether it is meant: AWS Budgets actions and cost guards attach such a Deny on purpose.",
          ]
        : []),
      ...(c.policy?.type === "resource-control-policy"
        ? [
            "AWS does not list Amazon Bedrock among the services that resource control policies cover; AWS's message names one all the same.",
          ]
        : []),
      "Narrow it so that it no longer matches this call.",
    ],
    links: [ACCESS_DENIED],
  }),
  "rotate-compromised-key": (c) => ({
    title: "Treat the access key as leaked: AWS has put it under quarantine",
    steps: [
      `${c.policy?.arn ?? "The policy"} is attached by AWS when it finds an access key in public. Do not detach it first.`,
      "Rotate the key, look through CloudTrail for what it was used for, and follow the support case that AWS opened.",
    ],
    links: ["https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html"],
  }),
  "use-own-account-profile": (c) => ({
    title: "Use an inference profile of the caller's own account",
    steps: [
      `${c.refusal.resource ?? "The resource"} would need a resource-based policy, as a resource of another account does.`,
      "Name the profile by its id alone, or assume a role in the account that owns it.",
    ],
    links: [PROFILES],
  }),
  "find-the-policy": (c) => ({
    title: `Find the policy that decides: ${c.refusal.raw === "" ? "no source names it" : "AWS's message does not name its type"}`,
    steps: [
      "First the caller's identity-based policies: they need the statements below.",
      "Then a permissions boundary or session policy, the VPC endpoint's policy, and the organization's service control policies.",
      ...incomplete(c),
    ],
    links: [ACCESS_DENIED],
  }),
  "allow-the-action": (c) => ({
    title: `Allow ${c.action ?? "the action"} to ${c.principal?.name ?? "the caller"}`,
    steps: [
      "Add the statement below to the caller's policy.",
      ...(c.kind === "guardrail-denied"
        ? [
            "A guardrail of another account is set by the organization: its owner has to share it. A cross-Region guardrail needs the same for its guardrail profile in every destination Region.",
          ]
        : []),
      ...(c.kind === "kms-denied" ? ["The key's own policy has to allow the caller too."] : []),
    ],
    links: c.kind === "bearer-token-denied" ? [`${USER_GUIDE}/api-keys-permissions.html`] : [ACCESS_DENIED],
  }),
  "enable-model-access": (c) => ({
    title: "Check the account's access to this model",
    steps: [
      `In the Bedrock console of ${c.sourceRegion}, open the model in the model catalog: it says what is missing (an agreement, the provider's form).`,
      "Check the model id and that this Region offers it. Destination Regions need no access of their own.",
    ],
    links: [MODEL_ACCESS],
  }),
  "subscribe-once": () => ({
    title: "Subscribe once, as someone who may",
    steps: [
      "A principal with aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions invokes the model once in this account, for example in the console's playground.",
      "Then call again after 2 to 15 minutes. The application itself does not need these permissions.",
    ],
    links: [MODEL_ACCESS],
  }),
  "wait-for-subscription": () => ({
    title: "Wait for the AWS Marketplace subscription",
    steps: ["Call again after a few minutes; it takes up to 15."],
    links: [MODEL_ACCESS],
  }),
  "add-payment-instrument": () => ({
    title: "Give the account a valid payment method",
    steps: ["Add a valid card in the Billing console, then call again after 2 minutes."],
    links: [MODEL_ACCESS],
  }),
  "submit-use-case-form": () => ({
    title: "Submit the provider's use case form",
    steps: [
      "In the Bedrock console's model catalog, fill out the Anthropic use case details form, once per account (or once in the organization's management account).",
      "Call again after 15 minutes.",
    ],
    links: [MODEL_ACCESS],
  }),
  "use-another-model": () => ({
    title: "Use another model",
    steps: ["No change of permissions helps. Choose a model that is current and offered to this account."],
    links: [`${USER_GUIDE}/model-lifecycle.html`, `${USER_GUIDE}/models-supported.html`],
  }),
  "call-through-profile": (c) => ({
    title: "Call the model through an inference profile",
    steps:
      c.alternatives.length > 0
        ? [
            "Pass one of these ids as modelId:",
            ...c.alternatives.map(
              ({ profileId, destinationRegions, ...known }) =>
                `${profileId}: may be processed in ${where(destinationRegions)} (${sourceWords(known)}).`,
            ),
          ]
        : [
            "ListInferenceProfiles in this Region names the profiles that contain the model; pass the id of one as modelId.",
          ],
    links: [PROFILES],
  }),
  "correct-model-id": (c) => ({
    title: "Correct the model id, or the Region",
    steps: [
      ...(c.alternatives.length > 0
        ? [`Inference profiles for this source Region: ${alternativesWords(c.alternatives)}.`]
        : []),
      "ListFoundationModels and ListInferenceProfiles in the client's Region name every id that works there.",
      "A profile's prefix has to fit the source Region: a us. profile is not offered in an EU Region. Newer model ids have no date and no -v1:0.",
      ...(c.sourceRegion === "unknown" ? [] : [`The client calls from ${c.sourceRegion}.`]),
    ],
    links: [PROFILES],
  }),
  "fix-credentials": () => ({
    title: "Check the credentials that the client uses",
    steps: [
      "An API key in AWS_BEARER_TOKEN_BEDROCK goes before other credentials; it belongs to one Region and one account.",
      "For access keys, check that id, secret and session token belong together and that the clock is right.",
    ],
    links: [ERRORS],
  }),
  "refresh-credentials": () => ({
    title: "Refresh the credentials",
    steps: ["Log in again, or let the provider chain renew them: credentials given as constants are never renewed."],
    links: [ERRORS],
  }),
  "contact-support": () => ({
    title: "Ask AWS Support about the account",
    steps: [
      "New and restricted accounts are refused this way whatever their policies allow; a quota of 0 looks the same.",
      "Check the account's messages from AWS and the model's quotas, then open a case with the request id.",
    ],
    links: [ERRORS],
  }),
  "set-data-retention": ({ sourceRegion }) => ({
    title: "Set the account's data retention mode",
    steps: [
      `Call GetAccountDataRetention in ${sourceRegion} to see the current mode. It needs bedrock:GetAccountDataRetention.`,
      `Set a mode that the model supports with PutAccountDataRetention in ${sourceRegion}. It needs bedrock:PutAccountDataRetention.`,
      "The mode applies to every model call of the whole account in that Region. Check your data retention requirements first.",
    ],
    links: [ERRORS],
  }),
  "ask-reseller": () => ({
    title: "Ask the AWS Solution Provider or Distributor of this account",
    steps: [
      "The account was bought through a reseller, and this model is not sold that way. No change of permissions helps.",
    ],
    links: [ERRORS],
  }),
  "look-in-cloudtrail": (c) => ({
    title: "Look the call up in CloudTrail",
    steps: [
      `In the event history of ${c.sourceRegion}, the event has the full error message; find it by the request id in $metadata.`,
      "A refusal that is not in AWS's words often comes from a proxy or gateway in between.",
    ],
    links: [`${USER_GUIDE}/logging-using-cloudtrail.html`],
  }),
};
