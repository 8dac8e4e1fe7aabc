import { fields, idsByModel, milliseconds, wrong } from "../check.js";
import { parseModelId } from "../resolve/model-id.js";

/** What a call may do if Bedrock's routing is denied. Without these options, there is no fallback. */
export interface FallbackOptions {
  /** The only type of fallback: one foundation model in one Region, without routing. */
  to: "single-region";
  /**
   * Other models that may answer, tried last. The key is the `modelId` of the call, or the foundation model of its
   * profile. The body of InvokeModel is sent unchanged, so the other model must accept it.
   * @default none
   */
  models?: Readonly<Record<string, string>>;
  /**
   * Other Regions that may process a request, in this order, after the source Region. Data then leaves the source
   * Region, and no profile limits where it goes. List only Regions that your data residency rules allow.
   * @default none
   */
  allowRegions?: readonly string[];
  /**
   * How long a denied profile isn't tried again, in milliseconds, from 0 to 3,600,000. After that, one call tries it.
   * @default 300000
   */
  remember?: number;
}

/** Which profile a bare model ID is sent through. See the option `resolve.bareModels`. */
export type BareModels = "geographic" | "global" | Readonly<Record<string, string>>;

/**
 * Validates the options of the fallback.
 * @throws TypeError that identifies the option, its value, and what is allowed
 */
export function fallbackOptions(
  value: FallbackOptions | undefined,
  path: string,
): Readonly<Required<FallbackOptions>> | undefined {
  if (value === undefined) return undefined;
  const { to, models, allowRegions, remember } = fields(value, path, ["to", "models", "allowRegions", "remember"]);
  if (to !== "single-region") throw wrong(`${path}.to`, to, '"single-region"');
  if (allowRegions !== undefined && !Array.isArray(allowRegions)) {
    throw wrong(`${path}.allowRegions`, allowRegions, "a list of Regions");
  }
  const regions: readonly unknown[] = allowRegions ?? [];
  for (const [at, region] of regions.entries()) {
    if (typeof region === "string" && /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) continue;
    throw wrong(`${path}.allowRegions[${at}]`, region, 'a Region, such as "eu-west-1"');
  }
  const isModel = (id: string) => {
    const reference = parseModelId(id);
    return reference.kind === "foundation-model" && reference.arn === undefined;
  };
  return Object.freeze({
    to,
    models: idsByModel(
      models,
      `${path}.models`,
      isModel,
      "the id of a foundation model: a profile routes to several Regions",
    ),
    allowRegions: Object.freeze([...(regions as readonly string[])]),
    remember: milliseconds(remember, `${path}.remember`, 300_000, 3_600_000),
  });
}

/**
 * Validates the option `resolve.bareModels`.
 * @throws TypeError that identifies the option, its value, and what is allowed
 */
export function bareModels(value: BareModels | undefined, path: string): BareModels | undefined {
  if (value === undefined || value === "geographic" || value === "global") return value;
  if (typeof value !== "object") {
    throw wrong(path, value, '"geographic", "global" or an object from model ids to application inference profiles');
  }
  const isProfile = (id: string) => parseModelId(id).kind === "application-inference-profile";
  return idsByModel(value, path, isProfile, "the id or ARN of an application inference profile");
}
