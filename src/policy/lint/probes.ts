import { buildArn, UNSPECIFIED_REGION } from "../../arn.js";
import { asciiLower } from "../../ascii.js";
import { type AuthorizationLeg, PROFILE_KEY, REGION_KEY } from "../../authorization.js";
import { defined } from "../../defined.js";
import { type AuthorizationRequest, callerOf } from "../evaluation/request.js";
import type { ContextValue } from "../language/context.js";

export const INVOKE_MODEL = "bedrock:invokemodel";
export const INVOKE_STREAM = "bedrock:invokemodelwithresponsestream";

/** The two actions that invoke a model, in lower case. */
export const INVOKE = [INVOKE_MODEL, INVOKE_STREAM] as const;

/** One request that a policy is tested with. */
export interface Probe {
  /** The IAM action in lower case. */
  action: string;
  resource: string;
  /** The value of `aws:RequestedRegion`. */
  region: string;
  /** The value of `bedrock:InferenceProfileArn`. If it's left out, the key is absent. */
  profileArn?: string;
}

/** Returns the request of one leg of a call. */
export const probeOfLeg = ({ action, resource, region, inferenceProfileArn: profileArn }: AuthorizationLeg): Probe =>
  defined({ action: asciiLower(action), resource, region, profileArn });

/**
 * The source Regions and destination Regions of the profiles of one geography.
 *
 * `usual` contains the destination Regions of most current profiles. `always` contains those that every current profile
 * has from a source Region (Amazon Bedrock User Guide, "Supported Regions and models for inference profiles"). A test
 * compares both with the bundled catalog.
 */
export interface Geography {
  prefix: string;
  partition: string;
  sources: readonly string[];
  usual: readonly string[];
  always(source: string): readonly string[];
}

/** @param always the Regions for every source Region, or different ones for some source Regions */
const geography = (
  prefix: string,
  sources: string,
  usual: string,
  always: string | Record<string, string> = usual,
  partition = "aws",
): Geography => ({
  prefix,
  partition,
  sources: sources.split(" "),
  usual: usual.split(" "),
  always: (source) => (typeof always === "string" ? always : (always[source] ?? "")).split(" "),
});

export const GEOGRAPHIES: readonly Geography[] = [
  geography("us", "us-east-1 us-east-2 us-west-2 us-west-1 ca-central-1 ca-west-1", "us-east-1 us-east-2 us-west-2", {
    "us-east-1": "us-east-1 us-west-2",
    "us-east-2": "us-east-1 us-east-2",
    "us-west-2": "us-east-1 us-west-2",
    "us-west-1": "us-east-1 us-east-2",
    "ca-central-1": "us-east-1 us-east-2",
    "ca-west-1": "us-east-1 us-east-2 us-west-2",
  }),
  geography(
    "eu",
    "eu-central-1 eu-west-1 eu-west-3 eu-north-1 eu-south-1 eu-south-2 eu-west-2 eu-central-2 il-central-1",
    "eu-central-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-3",
    "eu-central-1 eu-west-1 eu-west-3",
  ),
  geography(
    "apac",
    "ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4",
    "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2",
    "ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2",
  ),
  geography("jp", "ap-northeast-1 ap-northeast-3", "ap-northeast-1 ap-northeast-3"),
  geography("au", "ap-southeast-2 ap-southeast-4 ap-southeast-6", "ap-southeast-2 ap-southeast-4"),
  geography("ca", "ca-central-1 ca-west-1", "ca-central-1 ca-west-1"),
  geography("in", "ap-south-1 ap-south-2", "ap-south-1 ap-south-2"),
  geography("us-gov", "us-gov-west-1 us-gov-east-1", "us-gov-west-1", "us-gov-west-1", "aws-us-gov"),
];

/** One Region of each partition (AWS General Reference, "Amazon Resource Names"). */
const REGION_OF: ReadonlyMap<string, string> = new Map([
  ["aws", "us-east-1"],
  ["aws-us-gov", "us-gov-west-1"],
  ["aws-cn", "cn-north-1"],
  ["aws-eusc", "eusc-de-east-1"],
  ["aws-iso", "us-iso-east-1"],
  ["aws-iso-b", "us-isob-east-1"],
  ["aws-iso-e", "eu-isoe-west-1"],
  ["aws-iso-f", "us-isof-south-1"],
]);

export const PARTITIONS: readonly string[] = [...REGION_OF.keys()];
export const regionOfPartition = (partition: string): string => REGION_OF.get(partition) ?? "us-east-1";

/** AWS documents global profiles in only one partition ("Global cross-Region inference"). */
export const GLOBAL_PARTITION = "aws";

/** A Region, a geography, and an account that no policy contains. */
export const NEW_REGION = "zz-new-1";
export const NEW_GEOGRAPHY = "zz";
export const ANY_ACCOUNT = "111122223333";

/** A model of a provider whose models are in every geography. */
export const ANY_MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/**
 * All Regions that a statement is tested with. The list is fixed, so that the number of requests doesn't depend on the
 * document.
 */
export const PROBED_REGIONS: readonly string[] = [
  ...new Set([
    NEW_REGION,
    ...REGION_OF.values(),
    ...GEOGRAPHIES.flatMap(({ sources, usual }) => [...sources, ...usual]),
  ]),
];

export const probeModelArn = (partition: string, region: string, model = ANY_MODEL): string =>
  buildArn({ partition, service: "bedrock", region, accountId: "", resource: `foundation-model/${model}` });

export function profileArn(
  partition: string,
  prefix: string,
  { region = regionOfPartition(partition), account = ANY_ACCOUNT, model = ANY_MODEL } = {},
): string {
  const resource = `inference-profile/${prefix}.${model}`;
  return buildArn({ partition, service: "bedrock", region, accountId: account, resource });
}

export const applicationArn = (partition: string, accountId = ANY_ACCOUNT): string => {
  const resource = "application-inference-profile/a1b2c3d4e5f6";
  return buildArn({ partition, service: "bedrock", region: regionOfPartition(partition), accountId, resource });
};

/** Returns the request for the Region-less model of a call through a global profile. */
export const globalProbe = (action: string, partition: string, profile: string, model = ANY_MODEL): Probe => ({
  action,
  resource: probeModelArn(partition, "", model),
  region: UNSPECIFIED_REGION,
  profileArn: profile,
});

const CALLER = callerOf(`arn:aws:iam::${ANY_ACCOUNT}:role/Lint`);

/**
 * Keys that have the same value in every direct call of an application (IAM User Guide, "AWS global condition context
 * keys").
 */
const ALWAYS: ReadonlyMap<string, ContextValue> = new Map<string, ContextValue>([
  ["aws:viaawsservice", ["false"]],
  ["aws:principalisawsservice", ["false"]],
  ["aws:securetransport", ["true"]],
  ["aws:calledvia", null],
  ["aws:calledviafirst", null],
  ["aws:calledvialast", null],
]);

/** Returns true for a condition key whose value is known for every probe. */
export const isProbed = (key: string): boolean => key === REGION_KEY || key === PROFILE_KEY || ALWAYS.has(key);

/** The request of each probe. It's created once, because a probe is tested with many statements. */
const requests = new WeakMap<Probe, AuthorizationRequest>();

export function requestFor(probe: Probe): AuthorizationRequest {
  const known = requests.get(probe);
  if (known !== undefined) return known;
  const request = makeRequest(probe);
  requests.set(probe, request);
  return request;
}

function makeRequest({ action, resource, region, profileArn: profile }: Probe): AuthorizationRequest {
  const get = (key: string): ContextValue => {
    if (key === REGION_KEY) return [region];
    if (key === PROFILE_KEY) return profile === undefined ? null : [profile];
    return ALWAYS.get(key);
  };
  return { action, resource, caller: CALLER, context: { get } };
}
