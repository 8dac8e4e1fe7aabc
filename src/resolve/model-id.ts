import { type Arn, parseArn, UNSPECIFIED_REGION } from "../arn.js";

/** What a `modelId` names. `id` is the text as given; an optional field is absent where the id does not tell it. */
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
      /** The prefix: `us`, `us-gov`, `global`, or one that is newer than this release; "" for an ARN whose id has none. */
      geography: string;
      /** What follows the prefix: a convenience, true of every profile known so far. The API's answer goes before it. */
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
      /** What follows the resource type; a custom model's holds a `/`, a prompt's may end in `:version`. */
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

/** Service and resource type of the ARNs that are passed through as they are (Amazon Bedrock API Reference, "Converse", `modelId`). */
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

/** Providers of today, to tell `openai.gpt-5.6-luna` from a profile. A hint: an unknown provider is judged by shape. */
const PROVIDERS: ReadonlySet<string> = new Set(
  "ai21 amazon anthropic cohere deepseek google luma meta minimax mistral moonshot moonshotai nvidia openai qwen stability twelvelabs writer xai zai".split(
    " ",
  ),
);

/** No id of Bedrock is longer (Amazon Bedrock API Reference, "Converse": at most 2,048 characters). */
const LONGEST = 2048;

/** A provider, and what follows it in dotted parts, in the characters that the runtime accepts in a bare id. */
const BARE_ID = /^[a-z0-9-]+(?:\.[a-zA-Z0-9:-]+)+$/;

/**
 * Reads a `modelId` in any of its forms (Amazon Bedrock API Reference, "Converse"). Never throws on a text.
 *
 * A bare id with three or more dotted parts is ambiguous: `uk.anthropic.claude-9` is a profile of a new geography,
 * `openai.gpt-5.6-luna` a model with a dot in its name. It is a profile when all of this holds:
 * - its first part is letters and `-`, and no known provider;
 * - its second part is a known provider, or looks like one: letters and digits, no `-`;
 * - the dot after that part is no decimal point, as in `acme.v3.2`; not asked of a known provider.
 *
 * So new geographies and providers work without a release. Misjudged are a new provider with `-` in its name behind a
 * geography (`uk.new-ai.m-1`, taken for a model), and a new provider's own model id with a dot after a plain word
 * (`acme.model.large`, taken for a profile). In an ARN the resource type decides, so nothing is misjudged there.
 */
export function parseModelId(id: string): ModelReference {
  if (id.length > LONGEST) return { kind: "unknown", id };
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
