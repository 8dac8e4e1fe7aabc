import type { PolicyInput } from "../policy/evaluation/layers.js";
import type { DataRetentionMode } from "./retention-settings.js";
import type { VirtualGuardrail } from "./virtual-guardrails.js";
import type { CopiedProfile, VirtualModel, VirtualProfile } from "./virtual-models.js";
import type { VirtualOrganization, VirtualPrincipal } from "./virtual-organization.js";

export interface SimulatedBedrockOptions {
  /** The caller's account. @default "111122223333" */
  accountId?: string;
  /** The caller, if `principals` doesn't contain one. @default an assumed-role session of that account */
  principal?: string;
  /** The callers, identified by access key ID, and their policies. */
  principals?: VirtualPrincipal[];
  /** The organization whose service control policies apply. @default none */
  organization?: VirtualOrganization;
  /** The policy of the VPC endpoint that every request comes through. @default no endpoint */
  vpcEndpoint?: PolicyInput;
  /**
   * The source Region of a request that doesn't contain one, such as a request with an API key to a loopback server.
   * @default "us-east-1"
   */
  region?: string;
  /** Models in addition to those of the bundled catalog. They replace a model of the catalog with the same ID. */
  models?: VirtualModel[];
  /** Inference profiles in addition to those of the bundled catalog. They replace a profile with the same ID. */
  profiles?: (VirtualProfile | CopiedProfile)[];
  /** The account's guardrails, and those of other accounts. @default every guardrail exists, and none is enforced */
  guardrails?: VirtualGuardrail[];
  /**
   * The data retention mode of every account and Region, until PutAccountDataRetention sets another one.
   * @default "default"
   */
  dataRetention?: DataRetentionMode;
  /** Whether the account has filled out the use case form of Anthropic's models. @default true */
  useCaseFilled?: boolean;
  /** Returns the model's text. @default a sentence that contains the model ID */
  reply?: (request: { modelId: string; sourceRegion: string; body: unknown }) => string;
  /** The maximum number of requests in `requests`. If there are more, the oldest are dropped. @default 10,000 */
  maxRecordedRequests?: number;
  /**
   * The maximum total length of the bodies in `requests`, in bytes. If they are longer, the oldest are omitted and
   * `omittedBodyBytes` is set.
   * @default 67,108,864 (64 MiB)
   */
  maxRecordedBodyBytes?: number;
  /**
   * Whether the error for an unknown model or profile explains how to add it, after AWS's own message. If false, the
   * error contains only AWS's message.
   * @default true
   */
  hints?: boolean;
}

const OPTIONS = [
  "accountId",
  "principal",
  "principals",
  "organization",
  "vpcEndpoint",
  "region",
  "models",
  "profiles",
  "guardrails",
  "dataRetention",
  "useCaseFilled",
  "reply",
  "maxRecordedRequests",
  "maxRecordedBodyBytes",
  "hints",
];

/** @throws TypeError that identifies the option, its value, and the allowed values */
export function checkOptions(options: SimulatedBedrockOptions): void {
  const unknownField = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknownField)
    throw new TypeError(`Unknown option ${unknownField} of SimulatedBedrock. Valid options: ${OPTIONS.join(", ")}.`);
  const { accountId, region, maxRecordedRequests, maxRecordedBodyBytes } = options;
  if (accountId !== undefined && !/^\d{12}$/.test(accountId)) {
    throw new TypeError(`accountId must be 12 digits; it is ${JSON.stringify(accountId)}.`);
  }
  if (region !== undefined && (typeof region !== "string" || region === "")) {
    throw new TypeError(`region must be a Region, such as "us-east-1"; it is ${JSON.stringify(region)}.`);
  }
  checkWholeNumber("maxRecordedRequests", maxRecordedRequests);
  checkWholeNumber("maxRecordedBodyBytes", maxRecordedBodyBytes);
}

function checkWholeNumber(option: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return;
  throw new TypeError(`${option} must be a whole number, 0 or more; it is ${JSON.stringify(value)}.`);
}
