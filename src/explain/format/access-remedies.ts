import * as docs from "./doc-links.js";
import { clientCalls, inSource, isSourceKnown } from "./region-text.js";
import type { WriteRemedy } from "./remedy-parts.js";

/** What the account needs: access to the model, a subscription, a form, or a setting. */
export const ACCESS_REMEDIES = {
  "enable-model-access": (c) => ({
    title: "Check the account's access to this model",
    steps: [
      `${clientCalls(c)}Check that ${isSourceKnown(c) ? "this is the intended Region" : "the client calls the intended Region"}, that the Region offers the model, and that the model ID is correct.`,
      `In the Bedrock console of ${isSourceKnown(c) ? c.sourceRegion : "that Region"}, open the model in the model catalog. It shows what is missing, such as an agreement or the provider's form.`,
      "Destination Regions don't need access of their own.",
    ],
    links: [docs.MODEL_ACCESS],
  }),
  "accept-model-agreement": (c) => ({
    title: "Accept the agreement for this model",
    steps: [
      `${clientCalls(c)}In the Bedrock console of ${isSourceKnown(c) ? "that Region" : "the client's Region"}, open the model in the model catalog and accept its agreement, or call CreateFoundationModelAgreement.`,
    ],
    links: [docs.MODEL_ACCESS],
  }),
  "subscribe-once": (c) => ({
    title: "Subscribe to the model once, using a principal with AWS Marketplace permissions",
    steps: [
      `In ${isSourceKnown(c) ? c.sourceRegion : "the client's Region"}, invoke the model once in this account with a principal that has aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions, for example in the console's playground.`,
      "Call again after 2 to 15 minutes. The application itself doesn't need these permissions.",
    ],
    links: [docs.MODEL_ACCESS],
  }),
  "add-payment-instrument": () => ({
    title: "Add a valid payment method to the account",
    steps: ["Add a valid card in the Billing console. Call again after 2 minutes."],
    links: [docs.MODEL_ACCESS],
  }),
  "submit-use-case-form": (c) => ({
    title: "Submit the provider's use case form",
    steps: [
      ...(c.kind === "use-case-form"
        ? []
        : ["Anthropic models need this form before the first call. A missing form can be reported as another error."]),
      "In the Bedrock console's model catalog, fill out the Anthropic use case details form, once per account or once in the organization's management account.",
      "Call again after 15 minutes.",
    ],
    links: [docs.MODEL_ACCESS],
  }),
  "contact-support": () => ({
    title: "Contact AWS Support about the account",
    steps: [
      "AWS denies calls of new and restricted accounts in this way, whatever their policies allow.",
      "Check the account's messages from AWS. Then open a support case with the request ID.",
    ],
    links: [docs.ERRORS],
  }),
  "open-account-case": () => ({
    title: "Open a support case of type Account and billing",
    steps: [
      "In the AWS Support Center, open a case of type Account and billing with the request ID and the error message. This type of case doesn't need a support plan.",
      "AWS itself restricts the account. No change of a policy, form, or quota helps.",
    ],
    links: [docs.ERRORS],
  }),
  "contact-aws-sales": () => ({
    title: "Ask AWS Sales for access to this model",
    steps: ["The error message refers to AWS Sales for additional access options."],
    links: [docs.ERRORS],
  }),
  "set-data-retention": (c) => ({
    title: "Set the account's data retention mode",
    steps: [
      `Call GetAccountDataRetention${isSourceKnown(c) ? inSource(c) : " in the client's Region"} to see the current mode. It needs bedrock:GetAccountDataRetention.`,
      `Set a mode that the model supports with PutAccountDataRetention${isSourceKnown(c) ? inSource(c) : " in the same Region"}. It needs bedrock:PutAccountDataRetention.`,
      "The mode applies to every model call of the whole account in that Region. Check your data retention requirements first.",
    ],
    links: [docs.DATA_RETENTION],
  }),
  "ask-reseller": () => ({
    title: "Ask the AWS Solution Provider or Distributor of this account",
    steps: [
      "The account belongs to the channel program, and this model isn't available to such accounts. Changing permissions doesn't help.",
    ],
    links: [docs.ERRORS],
  }),
} satisfies Record<string, WriteRemedy>;
