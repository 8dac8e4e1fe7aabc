import { parseArn } from "../arn.js";
import { fieldOf, read } from "./wrapped.js";

/**
 * The information about a call in a CloudTrail record, in addition to the error message. A field that the record
 * doesn't contain is absent.
 */
export interface RecordedCall {
  /** The operation: `ConverseStream`. */
  operation?: string;
  /** The `modelId` of the request, which is an ID or an ARN. */
  modelId?: string;
  /** The Region that the request was sent to. */
  sourceRegion?: string;
}

/** A failed call as CloudTrail recorded it. */
export interface FailedRecord {
  message: string;
  errorName: string;
  requestId?: string;
  /** The ARN of the caller. If a role was assumed, this is the ARN of the session. */
  principal?: string;
  call: RecordedCall;
}

/** Returns the fields that a denial gets from its record. The error message takes precedence. */
export function messageOfRecord(
  said: { principal?: string; modelId?: string },
  { principal, requestId, call }: FailedRecord,
): { principal?: string; modelId?: string; requestId?: string; call: RecordedCall } {
  const modelId = said.modelId ?? modelIdOfRecord(call.modelId);
  const caller = said.principal ?? principal;
  return {
    ...(caller ? { principal: caller } : {}),
    ...(modelId ? { modelId } : {}),
    ...(requestId ? { requestId } : {}),
    call,
  };
}

/** Returns the ID in an ARN. Any other text is returned unchanged. */
function modelIdOfRecord(modelId: string | undefined): string | undefined {
  const resource = modelId === undefined ? undefined : parseArn(modelId)?.resource;
  return resource?.includes("/") ? resource.slice(resource.indexOf("/") + 1) : modelId;
}

/**
 * The maximum nesting of records. A log file is inside a list inside an object, and LookupEvents puts each record's
 * JSON into a string.
 */
const MOST_NESTED_LEVELS = 6;
const MOST_RECORDS = 10_000;

/** The fields that contain records in log files, in the output of LookupEvents, and in Amazon EventBridge events. */
const CONTAINERS = ["Records", "Events", "detail", "CloudTrailEvent"] as const;

/**
 * Returns the CloudTrail records with an error in a value or a JSON text. Returns an empty list if no record has an
 * error, and undefined if there are no records (AWS CloudTrail User Guide, "CloudTrail record contents"). Never throws.
 */
export function failedRecordsIn(input: unknown): FailedRecord[] | undefined {
  const records: object[] = [];
  collect(input, records, MOST_NESTED_LEVELS);
  return records.length > 0 ? records.flatMap((record) => failedRecord(record) ?? []) : undefined;
}

function collect(value: unknown, records: object[], levels: number): void {
  if (levels === 0 || records.length >= MOST_RECORDS) return;
  if (typeof value === "string") collect(parsedJson(value), records, levels - 1);
  if (typeof value !== "object" || value === null) return;
  if (isRecord(value)) {
    records.push(value);
    return;
  }
  const length = recordCount(value);
  for (let at = 0; at < length; at++) collect(read(value, at), records, levels - 1);
  for (const key of CONTAINERS) collect(read(value, key), records, levels - 1);
}

/** Array.isArray throws for a revoked proxy. */
function recordCount(value: object): number {
  try {
    return Array.isArray(value) ? Math.min(value.length, MOST_RECORDS) : 0;
  } catch {
    return 0;
  }
}

const isRecord = (value: object) =>
  typeof read(value, "eventName") === "string" &&
  (typeof read(value, "awsRegion") === "string" || typeof read(value, "eventSource") === "string");

/** Returns the value of a JSON text that may contain records. */
function parsedJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text.slice(0, 1_000)) || !text.includes("eventName")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failedRecord(record: object): FailedRecord | undefined {
  const textIn = (value: unknown, key: string) => {
    const text = fieldOf(value, key);
    return typeof text === "string" && text !== "" ? text : undefined;
  };
  const errorName = textIn(record, "errorCode");
  if (errorName === undefined) return undefined;
  const identity = read(record, "userIdentity");
  // For a federated caller, CloudTrail may record only the issuer of the session.
  const issuer = fieldOf(fieldOf(identity, "sessionContext"), "sessionIssuer");
  const principal = textIn(identity, "arn") ?? textIn(issuer, "arn");
  const operation = textIn(record, "eventName");
  const modelId = textIn(read(record, "requestParameters"), "modelId");
  const sourceRegion = textIn(record, "awsRegion");
  const requestId = textIn(record, "requestID");
  return {
    message: textIn(record, "errorMessage") ?? "",
    errorName,
    ...(principal ? { principal } : {}),
    ...(requestId ? { requestId } : {}),
    call: {
      ...(operation ? { operation } : {}),
      ...(modelId ? { modelId } : {}),
      ...(sourceRegion ? { sourceRegion } : {}),
    },
  };
}
