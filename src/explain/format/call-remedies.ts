import type { Conclusion } from "../../diagnosis.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import type { SentenceCode } from "../../refusal/sentences.js";
import type { ProposedRemedy } from "../proposal.js";
import * as docs from "./doc-links.js";
import { list } from "./phrases.js";
import { alternativesText, sourceText } from "./profile-text.js";
import { clientCalls, isSourceKnown, isThroughProfile, partitionStep } from "./region-text.js";
import { type RemedyText, thePolicyOf, type WriteRemedy, where } from "./remedy-parts.js";
import { mayBeFromProxy } from "./unrecognized.js";

/** Changes of the call: its model, Region, or credentials. */
export const CALL_REMEDIES = {
  "use-geographic-profile": (c) => ({
    title: `Call a geographic profile instead: ${alternativesText(c.alternatives)}`,
    steps: [
      ...c.alternatives.map(
        ({ profileId, destinationRegions, ...known }) =>
          `${profileId} stays in ${list(destinationRegions)} (${sourceText(known)}).`,
      ),
      "It doesn't need global routing, but each of its destination Regions must be allowed.",
    ],
    links: [docs.PROFILES],
  }),
  "use-approved-source-region": (c) => ({
    title: `Call from a source Region that ${thePolicyOf(c)} approves`,
    steps: [
      `If ${isThroughProfile(c) ? "the profile" : "the model"} is offered in such a Region, create the client with it${isSourceKnown(c) ? ` instead of ${c.sourceRegion}` : ""}.`,
      ...(isThroughProfile(c) ? ["From there, every destination Region of the profile must also be allowed."] : []),
    ],
    links: [docs.PROFILES],
  }),
  "use-own-account-profile": ownAccount,
  "use-another-model": (c) => ({
    title: "Use another model",
    steps: reasonsFor(c),
    links: [docs.MODEL_LIFECYCLE, docs.MODELS],
  }),
  "call-through-profile": (c) => ({
    title: "Call the model through an inference profile",
    steps:
      c.alternatives.length > 0
        ? [
            "Pass one of the following IDs as modelId:",
            ...c.alternatives.map(
              ({ profileId, destinationRegions, ...known }) =>
                `${profileId}: requests can be processed in ${where(destinationRegions)} (${sourceText(known)}).`,
            ),
          ]
        : [
            "Call ListInferenceProfiles in this Region. Pass the ID of an inference profile that contains the model as modelId.",
          ],
    links: [docs.PROFILES],
  }),
  "correct-model-id": (c) => ({
    title: "Correct the model ID or the Region",
    steps: [
      ...(isSourceKnown(c) ? [clientCalls(c).trim()] : []),
      ...(c.alternatives.length > 0
        ? [`Inference profiles for this source Region: ${alternativesText(c.alternatives)}.`]
        : []),
      "ListFoundationModels and ListInferenceProfiles return every ID that is valid in the client's Region.",
      "The prefix of an inference profile must fit the source Region. For example, a us. profile isn't offered in an EU Region. IDs of newer models don't contain a date or -v1:0.",
    ],
    links: [docs.PROFILES],
  }),
  "fix-credentials": (c) => ({
    title: "Check the credentials that the client uses",
    steps: [
      ...partitionStep(c),
      "A Bedrock API key in AWS_BEARER_TOKEN_BEDROCK takes precedence over other credentials. A short-term API key is valid only in the Region in which it was generated.",
      "If the client uses access keys, check that the access key ID, the secret access key, and the session token belong together, and that the clock is correct.",
    ],
    links: [docs.ERRORS],
  }),
  "refresh-credentials": (c) => ({
    title: "Refresh the credentials",
    steps: [
      ...partitionStep(c),
      "Sign in again, or use a credential provider that renews them. Credentials that are passed as constants are never renewed.",
    ],
    links: [docs.ERRORS],
  }),
  "replace-api-key": (c) => ({
    title: "Replace the Bedrock API key",
    steps: [
      ...partitionStep(c),
      `Generate a new key in ${isSourceKnown(c) ? "that Region" : "the Region that the client calls"}. A short-term API key is valid for at most 12 hours, and only in the Region in which it was generated.`,
      "Check the environment variable AWS_BEARER_TOKEN_BEDROCK and the client's token setting. A key there takes precedence over other credentials. If you don't want to use an API key, remove it.",
    ],
    links: [docs.API_KEYS],
  }),
  "synchronize-clock": (c) => ({
    title: "Synchronize the clock of the machine",
    steps: [
      "AWS accepts a signature for a few minutes. Synchronize the clock of the machine that signs the request, for example with the Amazon Time Sync Service.",
      "If the clock is correct, check whether requests wait for long between signing and sending.",
      ...partitionStep(c),
    ],
    links: [docs.ERRORS],
  }),
  "wait-for-subscription": () => ({
    title: "Wait for the AWS Marketplace subscription",
    steps: ["Call again after a few minutes. The subscription takes up to 15 minutes."],
    links: [docs.MODEL_ACCESS],
  }),
  "wait-for-verification": () => ({
    title: "Wait until AWS has verified the account",
    steps: ["Verification normally takes less than 2 hours. Call again after that time."],
    links: [docs.ERRORS],
  }),
  "call-again": () => ({
    title: "Call again after 2 minutes",
    steps: ["An internal error of AWS stopped the subscription to the model. The next call starts it again."],
    links: [docs.MODEL_ACCESS],
  }),
  "look-in-cloudtrail": (c) => ({
    title: "Look up the call in CloudTrail",
    steps: [
      `In the CloudTrail event history of ${isSourceKnown(c) ? c.sourceRegion : "the client's Region"}, find the event of the call${c.refusal?.requestId === undefined ? " by its time and operation" : " by its request ID, which is in the verbose report"}. The event contains the full error message.`,
      ...(mayBeFromProxy(c.refusal)
        ? [
            "If CloudTrail doesn't contain the call, check the proxies and gateways between the client and AWS. One of them might have returned the error.",
          ]
        : []),
    ],
    links: [docs.CLOUDTRAIL],
  }),
} satisfies Record<string, WriteRemedy>;

/** Returns the text for a resource that only its own account can use. */
function ownAccount({ refusal }: Conclusion, { about }: ProposedRemedy): RemedyText {
  const resource = refusal?.resource ?? about?.resource;
  const isProfile = resource === undefined || resource.includes("inference-profile/");
  return {
    title: `Use ${isProfile ? "an inference profile" : "a model"} of the caller's own account`,
    steps: [
      `${resource ?? "The resource"} would need a resource-based policy, like a resource of another account.`,
      isProfile
        ? "Pass the profile's ID without an account, or assume a role in the account that owns the profile."
        : "Assume a role in the account that owns the model, or use a model of the caller's account.",
    ],
    links: [isProfile ? docs.PROFILES : docs.MODELS],
  };
}

/** Why another model helps. */
function reasonsFor({ kind, refusal }: Conclusion): string[] {
  const { sentence } = refusal ?? {};
  const reason = (sentence && REASON_BY_SENTENCE[sentence]) ?? REASON_BY_KIND[kind];
  return reason === undefined ? ["Choose a model that is available to this account."] : [reason];
}

const NOT_FROM_MARKETPLACE =
  "A model that isn't sold through AWS Marketplace, such as an Amazon Nova model, doesn't need a subscription.";

const REASON_BY_KIND: Partial<Record<RefusalKind, string>> = {
  "marketplace-permission": NOT_FROM_MARKETPLACE,
  "marketplace-pending": NOT_FROM_MARKETPLACE,
  "marketplace-payment": NOT_FROM_MARKETPLACE,
  "legacy-or-eol-model":
    "Choose an active model. Changing permissions doesn't help, because this model is no longer available to the account.",
  "unsupported-country":
    "Choose a model of another provider. Changing permissions doesn't help, because the provider doesn't serve the country of this account.",
  "channel-program":
    "This model isn't available to accounts in the channel program, but other models might be. Changing permissions doesn't help.",
};

const REASON_BY_SENTENCE: Partial<Record<SentenceCode, string>> = {
  "subscription-failed": NOT_FROM_MARKETPLACE,
  "model-not-available": "Choose a model that is available to this account. Changing permissions doesn't help.",
  "anthropic-not-allowed":
    "Choose a model of another provider. Changing permissions doesn't help, because the account isn't allowed to use Anthropic models.",
};
