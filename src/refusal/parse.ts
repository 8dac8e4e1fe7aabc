import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import { asciiLower } from "../ascii.js";
import type { DenyKind, PolicyType } from "../authorization.js";
import { DIAGNOSED_MARKER } from "../diagnosed-marker.js";
import { type FailedRecord, failedRecordsIn, messageOfRecord, type RecordedCall } from "./cloudtrail.js";
import { DENIED_NAMES, isOtherFailure, nameKey } from "./error-names.js";
import { readFrame } from "./frames.js";
import { KIND_BY_NAME, NAMES_IN_TEXT, OTHER_AWS_NAMES } from "./grammar.js";
import type { RefusalKind } from "./kinds.js";
import { hasSentence, type SentencePlace } from "./place.js";
import { type RefusalSentence, readSentence } from "./sentence.js";
import { FIXED_SENTENCES, SENTENCE_CODES, type SentenceCode } from "./sentences.js";
import { type TextView, viewOf } from "./text-view.js";
import { bareName, isStatus, read, visitTexts } from "./wrapped.js";

/** A parsed denial. Fields that AWS didn't include are absent. No value is guessed. */
export interface ParsedRefusal {
  /** AWS's original message. */
  raw: string;
  kind: RefusalKind;
  /** Identifies which of AWS's fixed sentences the message contains. Absent if none is recognized. */
  sentence?: SentenceCode;
  /** ARN of the identity whose request was denied, without line wrapping. Placeholders are kept. */
  principal?: string;
  /** The IAM action. It often differs from the operation's name: `bedrock:InvokeModel` for a Converse call. */
  action?: string;
  /** ARN of the resource, or `*`. */
  resource?: string;
  /** The resource's Region. `unspecified` for a foundation model's ARN without a Region (global routing). */
  region?: string;
  /** The ID of the model or inference profile, from the resource or the sentence. */
  modelId?: string;
  policyType?: PolicyType;
  /**
   * AWS includes it only in explicit denials, and only within the same account or organization. Its absence isn't
   * conclusive.
   */
  policyArn?: string;
  denyKind?: DenyKind;
  errorName?: string;
  httpStatus?: number;
  /** The ID for GetRequestAuthorizationDetails, if the message contains one. */
  authorizationId?: string;
  /** The request ID that AWS returned with the error. */
  requestId?: string;
  /**
   * Present for a CloudTrail record. Contains the record's information about the call. `region` is the resource's
   * Region, not the source Region.
   */
  call?: RecordedCall;
  /** Present if only the text shows a denial, and no error name or HTTP status confirms it. */
  confidence?: "likely";
}

/** The information that the caller has in addition to the error or text. */
export interface RefusalContext {
  errorName?: string;
  httpStatus?: number;
}

/**
 * Parses an AWS denial from an error, a wrapped error, a response body, a CloudTrail record or log file, or a text,
 * even if other tools added text around it. If there are several CloudTrail records, parses the first one with a
 * denial. Never throws. The time is proportional to the length of the text.
 *
 * If neither an error name nor an HTTP status shows that AWS denied something, only the text is used, and the result
 * has `confidence: "likely"`.
 *
 * @returns null if it isn't a denial (throttling, a timeout, a malformed request). The kind is `unknown` if it's a
 * denial whose message isn't recognized
 */
export function parseRefusal(error: unknown, context: RefusalContext = {}): ParsedRefusal | null {
  return refusalIn(error, knownFrom(context), false);
}

/**
 * Parses the denial from an error of a call that just failed. This is stricter than {@link parseRefusal}, because
 * Bedrock's validation messages quote the caller's own input. An IAM sentence counts only in an error that is a denial
 * by its name or HTTP status, and only at a position where AWS puts it.
 */
export function parseCallError(error: unknown): ParsedRefusal | null {
  return refusalIn(error, {}, true);
}

function refusalIn(error: unknown, known: RefusalContext, isLive: boolean): ParsedRefusal | null {
  const earlier = earlierRefusal(error);
  if (earlier) return earlier;
  const records = isLive ? undefined : failedRecordsIn(error);
  if (records) return recordedRefusal(records);
  let found: ParsedRefusal | null = null;
  visitTexts(error, ({ text, name, status, requestId }) => {
    const refusal = parseText(text, name ?? known.errorName, status ?? known.httpStatus, isLive);
    if (refusal === "no refusal") {
      found = null;
      return "enough";
    }
    if (refusal) {
      const id = requestId ?? requestIdIn(text);
      if (id !== undefined) refusal.requestId = id;
    }
    // If no layer explains the denial, the first layer with a message is used.
    if (refusal && (refusal.kind !== "unknown" || found === null || found.raw === "")) found = refusal;
    return refusal && refusal.kind !== "unknown" ? "enough" : "go on";
  });
  return found;
}

/** Returns the first denial among CloudTrail records. */
function recordedRefusal(records: readonly FailedRecord[]): ParsedRefusal | null {
  for (const record of records) {
    const refusal = parseText(record.message, bareName(record.errorName), undefined, false);
    if (refusal !== null && refusal !== "no refusal") return { ...refusal, ...messageOfRecord(refusal, record) };
  }
  return null;
}

/** Callers that don't use TypeScript may pass any value. */
function knownFrom(context: unknown): RefusalContext {
  if (typeof context !== "object" || context === null) return {};
  const errorName = read(context, "errorName");
  const httpStatus = read(context, "httpStatus");
  const name = typeof errorName === "string" ? bareName(errorName) : "";
  return { ...(name === "" ? {} : { errorName: name }), ...(isStatus(httpStatus) ? { httpStatus } : {}) };
}

/**
 * What an error's name and HTTP status show, whatever its message. `other` is a failure that isn't an IAM denial. If
 * `unknown`, only the text can be used.
 */
type Standing = "denied" | "other" | "unknown";

function standingOf(name: string | undefined, status: number | undefined, isLive: boolean): Standing {
  const key = name === undefined ? "" : nameKey(name);
  if (DENIED_NAMES.has(key) || status === 401 || status === 403) return "denied";
  const isByName = OTHER_AWS_NAMES.has(key) || KIND_BY_NAME.has(key);
  return isLive || isByName || (name === undefined && status !== undefined) ? "other" : "unknown";
}

function isAwsName(name: string): boolean {
  const key = nameKey(name);
  return DENIED_NAMES.has(key) || KIND_BY_NAME.has(key) || OTHER_AWS_NAMES.has(key) || isOtherFailure(name);
}

/** Returns the positions at which the IAM sentence counts. */
function placeOfSentence(standing: Standing, isLive: boolean): SentencePlace | undefined {
  if (standing === "other") return undefined;
  return isLive ? "start" : "anywhere";
}

/** Returns the positions at which a fixed sentence counts. */
function placeOfFixed(standing: Standing, isLive: boolean): SentencePlace {
  if (standing !== "other") return "anywhere";
  return isLive ? "first" : "loose";
}

function parseText(
  text: string,
  name: string | undefined,
  status: number | undefined,
  isLive: boolean,
): ParsedRefusal | "no refusal" | null {
  if (name !== undefined && isOtherFailure(name)) return "no refusal";
  const view = viewOf(text);
  // A wrapper's own name is less specific than AWS's error name in its text.
  const inText = isLive || (name !== undefined && isAwsName(name)) ? undefined : nameIn(view);
  const errorName = inText ?? name;
  const key = errorName === undefined ? "" : nameKey(errorName);
  if (errorName !== undefined && isOtherFailure(errorName)) return "no refusal";
  const httpStatus = status ?? (isLive ? undefined : statusIn(view.text));
  // This is an exception inside a stream, so the call itself was authorized.
  if (isLive && httpStatus !== undefined && httpStatus < 300) return null;
  const frame = isLive ? undefined : readFrame(view);
  // A frame wraps the denial of another call, whatever the name of the frame's own error is.
  const standing = frame ? "unknown" : standingOf(errorName, httpStatus, isLive);
  const place = placeOfSentence(standing, isLive);
  const sentence = place && readSentence(view, place);
  const fixed = sentence?.action === undefined ? fixedSentence(view, placeOfFixed(standing, isLive)) : undefined;
  // AWS doesn't return a server error for a denial, so any matching text is a quotation.
  if (standing === "other" && httpStatus !== undefined && httpStatus >= 500) return null;
  const kind = refusalKindOf(sentence, fixed, key, httpStatus);
  if (kind === undefined) return null;
  const refusal: ParsedRefusal = { raw: text, kind: frame?.kind ?? kind, ...frame?.says, ...sentence };
  if (refusal.resource !== undefined) addPlace(refusal, refusal.resource);
  if (fixed !== undefined) refusal.sentence = fixed;
  const modelId = fixed && modelIdInMessage(view, fixed);
  if (modelId !== undefined) refusal.modelId = modelId;
  if (errorName !== undefined) refusal.errorName = errorName;
  if (httpStatus !== undefined) refusal.httpStatus = httpStatus;
  if (errorName === undefined && httpStatus === undefined) refusal.confidence = "likely";
  return refusal;
}

function refusalKindOf(
  sentence: RefusalSentence | undefined,
  fixed: SentenceCode | undefined,
  key: string,
  status: number | undefined,
): RefusalKind | undefined {
  if (sentence?.action !== undefined) return kindOfAction(sentence.action);
  if (fixed !== undefined) return FIXED_SENTENCES[fixed].kind;
  if (sentence !== undefined) return "iam-denied";
  const byName = KIND_BY_NAME.get(key);
  if (byName !== undefined) return byName;
  return DENIED_NAMES.has(key) || status === 401 || status === 403 ? "unknown" : undefined;
}

function kindOfAction(action: string): RefusalKind {
  const lower = asciiLower(action);
  if (lower.startsWith("bedrock:invokemodel")) return "iam-denied";
  if (lower.endsWith(":callwithbearertoken")) return "bearer-token-denied";
  if (lower.startsWith("kms:")) return "kms-denied";
  if (lower.startsWith("aws-marketplace:")) return "marketplace-permission";
  if (lower.endsWith(":applyguardrail")) return "guardrail-denied";
  return "iam-denied";
}

function fixedSentence(view: TextView, place: SentencePlace): SentenceCode | undefined {
  if (place === "first" && view.isQuoted) return undefined;
  const isThere = (pattern: string) => {
    if (!pattern.startsWith("^")) return hasSentence(view, pattern, place);
    return hasSentence(view, pattern.slice(1), place === "anywhere" ? "loose" : place);
  };
  return SENTENCE_CODES.find((code) => FIXED_SENTENCES[code].patterns.some(isThere));
}

/** Adds the Region and the model of the resource's ARN. */
function addPlace(refusal: ParsedRefusal, resource: string): void {
  const arn = parseArn(resource);
  if (!arn) return;
  const isModel = arn.service === "bedrock" && MODEL_PATTERN.test(arn.resource);
  if (arn.region !== "") refusal.region = arn.region;
  else if (isModel && arn.resource.startsWith("foundation-model/")) refusal.region = UNSPECIFIED_REGION;
  if (isModel) refusal.modelId = arn.resource.slice(arn.resource.indexOf("/") + 1);
}

/** Resource types that can be invoked as a model (Service Authorization Reference, "Amazon Bedrock"). */
const MODEL_PATTERN =
  /^(?:foundation-model|(?:application-)?inference-profile|(?:provisioned|imported)-model|custom-model(?:-deployment)?|(?:default-)?prompt-router)\//;

/** Returns the model that two of the fixed sentences contain. */
function modelIdInMessage(view: TextView, code: SentenceCode): string | undefined {
  if (code === "on-demand-not-supported") {
    const before = view.find("invocation of model id");
    const after = before && view.find("with on-demand throughput", before.end);
    return before && after ? oneWord(view.text.slice(before.end, after.start)) : undefined;
  }
  if (code === "model-not-available") {
    const after = view.find("is not available for this account");
    const before = after && view.text.slice(Math.max(0, after.start - 300), after.start).trimEnd();
    const word =
      before &&
      oneWord(before.slice(Math.max(before.lastIndexOf(" "), before.lastIndexOf('"'), before.lastIndexOf("'")) + 1));
    return word?.includes(".") ? word : undefined;
  }
  return undefined;
}

function oneWord(text: string): string | undefined {
  const word = text
    .replaceAll("\n", "")
    .trim()
    .replace(/^["'*]+|["'*]+$/g, "");
  return word !== "" && !word.includes(" ") && word.length <= 2048 ? word : undefined;
}

/** Returns the error name that an envelope puts before the message. */
function nameIn(view: TextView): string | undefined {
  return NAMES_IN_TEXT.find((name) => view.find(asciiLower(name)) !== undefined);
}

/**
 * Returns the status that an envelope puts before the message: `Error code: 403`, `StatusCode: 403`, `API Error: 403`.
 */
function statusIn(text: string): number | undefined {
  const found = /(?:status ?code|error code|api error|http)[ :(]{1,3}([45]\d\d)\b|^([45]\d\d) /i.exec(
    text.slice(0, 2_000),
  );
  return found ? Number(found[1] ?? found[2]) : undefined;
}

/** Returns the ID after `Request ID: …`, as SDKs for other languages and logs print it. */
function requestIdIn(text: string): string | undefined {
  return /\brequest[ _-]?id["']?[:=] ?["']?([0-9a-f-]{8,64})\b/i.exec(text.slice(0, 20_000))?.[1];
}

/** An error that contains a diagnosis was parsed before. Its message is no longer AWS's message. */
function earlierRefusal(error: unknown): ParsedRefusal | undefined {
  if (typeof error !== "object" || error === null || read(error, DIAGNOSED_MARKER) !== true) return undefined;
  const diagnosis = read(error, "diagnosis");
  return typeof diagnosis === "object" && diagnosis !== null
    ? (read(diagnosis, "refusal") as ParsedRefusal | undefined)
    : undefined;
}
