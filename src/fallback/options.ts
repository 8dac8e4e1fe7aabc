import { type Check, listOf, mapOf, milliseconds, settings, wrong } from "../check.js";
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

/** Checks the options and fills in the defaults. Undefined if there is no fallback. */
export const fallbackSettings = (value: FallbackOptions | undefined, path: string) =>
  value === undefined
    ? undefined
    : settings(value, path, { to, models, allowRegions, remember: milliseconds(300_000, 3_600_000) });

const to: Check<"single-region", "single-region"> = (value, path) => {
  if (value === "single-region") return value;
  throw wrong(path, value, '"single-region"');
};

const models: Check<Readonly<Record<string, string>>, Readonly<Record<string, string>>> = (value = {}, path) =>
  mapOf(foundationModel)(value, path);

const foundationModel: Check<string, string> = (id, path) => {
  const reference = typeof id === "string" ? parseModelId(id) : undefined;
  if (reference?.kind === "foundation-model" && reference.arn === undefined) return id as string;
  throw wrong(path, id, "the ID of a foundation model, because a profile routes to several Regions");
};

const allowRegions: Check<readonly string[], readonly string[]> = (value = [], path) =>
  listOf(isRegion, "a list of Regions", 'a Region, such as "eu-west-1"')(value, path);

const isRegion = (text: string) => /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(text);
