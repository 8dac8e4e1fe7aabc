import { type Arn, parseArn, UNSPECIFIED_REGION } from "../arn.js";

/** What a `modelId` identifies. `id` is the original text. An optional field is absent if the ID doesn't contain it. */
export type ModelReference =
  | {
      kind: "foundation-model";
      id: string;
      modelId: string;
      arn?: string;
      partition?: string;
      /** `unspecified` for the Region-less ARN of global routing. */
      region?: string;
    }
  | {
      kind: "inference-profile";
      id: string;
      profileId: string;
      /**
       * The prefix: `us`, `us-gov`, `global`, or one that is newer than this release. It's an empty string for an ARN
       * whose ID has no prefix.
       */
      geography: string;
      /**
       * The part after the prefix. This is the model ID in all current profiles, but the API's response takes
       * precedence.
       */
      modelId: string;
      arn?: string;
      partition?: string;
      region?: string;
      accountId?: string;
    }
  | {
      kind: "application-inference-profile";
      id: string;
      profileId: string;
      arn?: string;
      partition?: string;
      region?: string;
      accountId?: string;
    }
  | {
      kind: OtherKind;
      id: string;
      arn: string;
      partition: string;
      region: string;
      accountId: string;
      /** The part after the resource type. A custom model's contains a `/`, and a prompt's may end in `:version`. */
      resourceId: string;
    }
  | { kind: "unknown"; id: string };

type OtherKind =
  | "provisioned-model"
  | "custom-model"
  | "custom-model-deployment"
  | "imported-model"
  | "prompt"
  | "prompt-router"
  | "default-prompt-router"
  | "marketplace-endpoint";

/**
 * The service and resource type of ARNs that are passed through unchanged (Amazon Bedrock API Reference, "Converse",
 * `modelId`).
 */
const OTHER: ReadonlyMap<string, OtherKind> = new Map([
  ["bedrock provisioned-model", "provisioned-model"],
  ["bedrock custom-model", "custom-model"],
  ["bedrock custom-model-deployment", "custom-model-deployment"],
  ["bedrock imported-model", "imported-model"],
  ["bedrock prompt", "prompt"],
  ["bedrock prompt-router", "prompt-router"],
  ["bedrock default-prompt-router", "default-prompt-router"],
  ["sagemaker endpoint", "marketplace-endpoint"],
]);

/**
 * Current providers, which distinguish `openai.gpt-5.6-luna` from a profile. This list is only a hint. An unknown
 * provider is recognized by its form.
 */
const PROVIDERS: ReadonlySet<string> = new Set(
  "ai21 amazon anthropic cohere deepseek google luma meta minimax mistral moonshot moonshotai nvidia openai qwen stability twelvelabs writer xai zai".split(
    " ",
  ),
);

/** The maximum length of a Bedrock ID (Amazon Bedrock API Reference, "Converse": at most 2,048 characters). */
const LONGEST_MODEL_ID = 2048;

/**
 * A provider, followed by parts separated by dots, in the characters that the runtime accepts in an ID that isn't an
 * ARN.
 */
const BARE_ID = /^[a-z0-9-]+(?:\.[a-zA-Z0-9:-]+)+$/;

/**
 * Parses a `modelId` in any of its forms (Amazon Bedrock API Reference, "Converse"). Never throws for a string.
 *
 * An ID that isn't an ARN and has three or more parts separated by dots is ambiguous: `uk.anthropic.claude-9` is a
 * profile of a new geography, and `openai.gpt-5.6-luna` is a model with a dot in its name. It's treated as a profile if
 * all of the following are true:
 * - Its first part consists of letters and `-`, and isn't a known provider.
 * - Its second part is a known provider, or looks like one: letters and digits, without `-`.
 * - The dot after that part isn't a decimal point, as in `acme.v3.2`. This isn't checked for a known provider.
 *
 * New geographies and providers therefore work without a new release. Two kinds of IDs are misinterpreted. A new
 * provider with `-` in its name after a geography is treated as a model (`uk.new-ai.m-1`). A new provider's own model
 * ID with a dot after a plain word is treated as a profile (`acme.model.large`). In an ARN, the resource type is
 * conclusive, so no ARN is misinterpreted.
 */
export function parseModelId(id: string): ModelReference {
  if (id.length > LONGEST_MODEL_ID) return { kind: "unknown", id };
  const arn = parseArn(id);
  if (arn) return fromArn(id, arn);
  if (/^[a-z0-9]{12}$/.test(id)) return { kind: "application-inference-profile", id, profileId: id };
  if (!BARE_ID.test(id)) return { kind: "unknown", id };
  if (isProfileId(id)) return { kind: "inference-profile", id, profileId: id, ...atFirstDot(id) };
  return { kind: "foundation-model", id, modelId: id };
}

function isProfileId(id: string): boolean {
  const [geography = "", provider = "", model] = id.split(".");
  if (model === undefined || PROVIDERS.has(geography) || !/^[a-z]+(?:-[a-z]+)*$/.test(geography)) return false;
  const isDecimalPoint = /\d$/.test(provider) && /^\d/.test(model);
  return PROVIDERS.has(provider) || (/^[a-z][a-z0-9]*$/.test(provider) && !isDecimalPoint);
}

/** The prefix rule: `<geography>.<modelId>`. */
function atFirstDot(profileId: string): { geography: string; modelId: string } {
  const dot = profileId.indexOf(".");
  return { geography: profileId.slice(0, Math.max(dot, 0)), modelId: profileId.slice(dot + 1) };
}

function fromArn(id: string, arn: Arn): ModelReference {
  const { partition, service, region, accountId, resource } = arn;
  const slash = resource.indexOf("/");
  const type = `${service} ${resource.slice(0, slash)}`;
  const name = resource.slice(slash + 1);
  const isAws = partition === "aws" || partition.startsWith("aws-");
  if (!isAws || slash < 0 || name === "" || /\s/.test(id)) return { kind: "unknown", id };
  if (type === "bedrock foundation-model") {
    return { kind: "foundation-model", id, modelId: name, arn: id, partition, region: region || UNSPECIFIED_REGION };
  }
  const place = { arn: id, partition, ...(region && { region }), ...(accountId && { accountId }) };
  if (type === "bedrock inference-profile") {
    return { kind: "inference-profile", id, profileId: name, ...atFirstDot(name), ...place };
  }
  if (type === "bedrock application-inference-profile") {
    return { kind: "application-inference-profile", id, profileId: name, ...place };
  }
  const kind = OTHER.get(type);
  if (!kind || !region || !accountId) return { kind: "unknown", id };
  return { kind, id, arn: id, partition, region, accountId, resourceId: name };
}
