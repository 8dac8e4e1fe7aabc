import { type Arn, parseArn, UNSPECIFIED_REGION } from "../arn.js";

/** What a `modelId` names. `id` is the text as given. */
export type ModelReference =
  | { kind: "foundation-model"; id: string; modelId: string; arn?: string; partition?: string; region?: string }
  | {
      kind: "inference-profile";
      id: string;
      profileId: string;
      /** The prefix: `us`, `us-gov`, `global`, or one that is newer than this release. */
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

/** Resource types of ARNs that are passed through as they are (Amazon Bedrock API Reference, "Converse", `modelId`). */
const OTHER: ReadonlyMap<string, OtherKind> = new Map([
  ["provisioned-model", "provisioned-model"],
  ["custom-model", "custom-model"],
  ["custom-model-deployment", "custom-model-deployment"],
  ["imported-model", "imported-model"],
  ["prompt", "prompt"],
  ["prompt-router", "prompt-router"],
  ["default-prompt-router", "default-prompt-router"],
  ["endpoint", "marketplace-endpoint"],
  ["marketplace", "marketplace-endpoint"],
]);

/** Providers of today, to tell `openai.gpt-5.6-luna` from a profile. A hint: an unknown provider is judged by shape. */
const PROVIDERS: ReadonlySet<string> = new Set(
  "ai21 amazon anthropic cohere deepseek google luma meta minimax mistral moonshot moonshotai nvidia openai qwen stability twelvelabs writer xai zai".split(
    " ",
  ),
);

/** No id of Bedrock is longer (Amazon Bedrock API Reference, "Converse": at most 2,048 characters). */
const LONGEST = 2048;

/**
 * Reads a `modelId` in any of its forms. Never throws.
 *
 * A bare id with three or more dotted parts is ambiguous: `uk.anthropic.claude-9` is a profile of a new geography,
 * `openai.gpt-5.6-luna` a model with a dot in its name. A first part that is a known provider makes it a model. Else a
 * first part of letters (and `-`) before a part that is a known provider, or looks like one (letters and digits only),
 * makes it a profile: new geographies work without a release. What is still misjudged shows when the API is asked.
 */
export function parseModelId(id: string): ModelReference {
  if (id === "" || id.length > LONGEST || id.trim() !== id) return { kind: "unknown", id };
  if (id.startsWith("arn:")) {
    const arn = parseArn(id);
    return arn ? fromArn(id, arn) : { kind: "unknown", id };
  }
  if (/^[a-z0-9]{12}$/.test(id)) return { kind: "application-inference-profile", id, profileId: id };
  const profile = profileParts(id);
  if (profile) return { kind: "inference-profile", id, profileId: id, ...profile };
  return id.includes(".") ? { kind: "foundation-model", id, modelId: id } : { kind: "unknown", id };
}

/** Splits a system-defined profile's id into geography and model id; undefined for a model's own id. */
function profileParts(id: string): { geography: string; modelId: string } | undefined {
  const [geography = "", provider = "", ...model] = id.split(".");
  if (model.length === 0 || PROVIDERS.has(geography) || !/^[a-z]+(-[a-z]+)*$/.test(geography)) return undefined;
  if (!PROVIDERS.has(provider) && !/^[a-z][a-z0-9]*$/.test(provider)) return undefined;
  return { geography, modelId: id.slice(geography.length + 1) };
}

function fromArn(id: string, arn: Arn): ModelReference {
  const slash = arn.resource.indexOf("/");
  const type = arn.resource.slice(0, slash);
  const name = arn.resource.slice(slash + 1);
  const place = { arn: id, partition: arn.partition };
  if (slash < 0 || name === "") return { kind: "unknown", id };
  if (arn.service === "bedrock" && type === "foundation-model") {
    return { kind: "foundation-model", id, modelId: name, ...place, region: arn.region || UNSPECIFIED_REGION };
  }
  const owned = { ...place, region: arn.region, accountId: arn.accountId };
  if (arn.service === "bedrock" && type === "inference-profile") {
    const { geography = "", modelId = name } = profileParts(name) ?? {};
    return { kind: "inference-profile", id, profileId: name, geography, modelId, ...owned };
  }
  if (arn.service === "bedrock" && type === "application-inference-profile") {
    return { kind: "application-inference-profile", id, profileId: name, ...owned };
  }
  const kind = OTHER.get(type);
  const service = type === "endpoint" ? "sagemaker" : "bedrock";
  return kind && arn.service === service ? { kind, id, ...owned, resourceId: name } : { kind: "unknown", id };
}
