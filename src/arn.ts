/**
 * An Amazon Resource Name (ARN), split into its six parts. Region and account may be empty:
 * `arn:aws:bedrock:::foundation-model/M`.
 */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** Everything after the fifth colon. A resource ID can contain `:` and `/`. */
  readonly resource: string;
}

/**
 * The value that `aws:RequestedRegion` takes for a Region-less ARN (Amazon Bedrock User Guide, "Global cross-Region
 * inference").
 */
export const UNSPECIFIED_REGION = "unspecified";

/**
 * Parses an ARN (IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)"). A placeholder in place of
 * an account ID is kept. Returns undefined if the text isn't an ARN: it has fewer than six parts, an empty partition,
 * service, or resource, or white space around it.
 */
export function parseArn(text: string): Arn | undefined {
  if (!text.startsWith("arn:")) return undefined;
  const service = text.indexOf(":", 4) + 1;
  const region = service && text.indexOf(":", service) + 1;
  const account = region && text.indexOf(":", region) + 1;
  const resource = account && text.indexOf(":", account) + 1;
  // 0 means that the colon is missing. An empty part starts at the same place as the next part.
  if (resource === 0 || resource === text.length || service === 5 || region === service + 1) return undefined;
  if (text.charAt(resource).trim() === "" || text.charAt(text.length - 1).trim() === "") return undefined;
  return {
    partition: text.slice(4, service - 1),
    service: text.slice(service, region - 1),
    region: text.slice(region, account - 1),
    accountId: text.slice(account, resource - 1),
    resource: text.slice(resource),
  };
}

/**
 * Returns the text after the last slash of an ARN, for example a policy ID, role name, or profile ID. Returns the whole
 * text if it has no slash.
 */
export function lastSegment(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** Builds the text of an ARN. This is the inverse of {@link parseArn}. */
export function buildArn(arn: Arn): string {
  return `arn:${arn.partition}:${arn.service}:${arn.region}:${arn.accountId}:${arn.resource}`;
}

/**
 * Returns the partition that a Region belongs to (AWS General Reference, "Amazon Resource Names": aws, aws-cn,
 * aws-us-gov, aws-iso*, aws-eusc).
 */
export function partitionOfRegion(region: string): string {
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-iso-")) return "aws-iso";
  if (region.startsWith("us-isob-")) return "aws-iso-b";
  if (region.startsWith("eu-isoe-")) return "aws-iso-e";
  if (region.startsWith("us-isof-")) return "aws-iso-f";
  if (region.startsWith("eusc-")) return "aws-eusc";
  return "aws";
}

/**
 * Returns true for the ID of an AWS account: 12 digits. A number isn't one, because it never equals the ID in an ARN.
 */
export const isAccount = (value: unknown): value is string => typeof value === "string" && /^\d{12}$/.test(value);
