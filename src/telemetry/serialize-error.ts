import { defined } from "../defined.js";
import type { Diagnosis } from "../diagnosis.js";
import { diagnosisOf } from "../error/diagnosis-of.js";
import { isErrorLike } from "../error/is-error.js";
import { printable, printableLines } from "../printable.js";
import { errorFieldsOf } from "./error-fields.js";
import { withoutSessionNames } from "./session-names.js";

/** An error as plain JSON data, for a log line or an error tracker. */
export interface SerializedError {
  /** The error's `name`. It is called `type`, as in pino. */
  type: string;
  name: string;
  message: string;
  stack?: string;
  code?: string | number;
  /** The HTTP status. */
  status?: number;
  /** AWS's request ID. */
  requestId?: string;
  /** What was denied, where, and by which policy. Absent if the error has no diagnosis. */
  diagnosis?: SerializedDiagnosis;
}

/** The main fields of a diagnosis. */
export interface SerializedDiagnosis
  extends Pick<
    Diagnosis,
    | "kind"
    | "summary"
    | "operation"
    | "action"
    | "modelId"
    | "sourceRegion"
    | "blockedRegions"
    | "confidence"
    | "complete"
  > {
  principal?: string;
  policyType?: string;
  policyArn?: string;
}

/** How an error is serialized. */
export interface SerializeOptions {
  /**
   * If true, includes session names. They are often email addresses, so they are omitted by default.
   * @default false
   */
  sessionNames?: boolean;
}

/** The longest message or stack, in UTF-16 code units. */
const LONGEST_STACK = 32_768;

/**
 * Converts an error to plain JSON data, with the main fields of its diagnosis if `diagnosisOf` finds one. Use it as a
 * serializer for pino (`serializers: { err: serializeDiagnosedError }`), and to get the fields for winston, Sentry, and
 * other loggers. Session names are omitted, and control and format characters are escaped. An error without a diagnosis
 * has the other fields. A value that isn't an error is returned unchanged. Never throws.
 */
export function serializeDiagnosedError<T>(error: T, options: SerializeOptions = {}): SerializedError | T {
  if (!isErrorLike(error)) return error;
  const hidden = (text: string) => (options.sessionNames === true ? text : withoutSessionNames(text));
  const line = (text: string) => printable(hidden(text));
  const lines = (text: string) => printableLines(hidden(text), LONGEST_STACK);
  const { name = "Error", message = "", stack, code, status, requestId } = errorFieldsOf(error);
  const diagnosis = diagnosisOf(error);
  return defined({
    type: line(name),
    name: line(name),
    message: lines(message),
    stack: stack === undefined ? undefined : lines(stack),
    code: typeof code === "string" ? line(code) : code,
    status,
    requestId: requestId === undefined ? undefined : line(requestId),
    diagnosis: diagnosis && diagnosisFields(diagnosis, line),
  });
}

function diagnosisFields(diagnosis: Diagnosis, line: (text: string) => string): SerializedDiagnosis {
  const { kind, summary, operation, action, modelId, sourceRegion, principal, policy, confidence, complete } =
    diagnosis;
  return defined({
    kind,
    summary: line(summary.replaceAll("\n", " ")),
    operation: line(operation),
    action: action === undefined ? undefined : line(action),
    modelId: line(modelId),
    sourceRegion: line(sourceRegion),
    blockedRegions: diagnosis.blockedRegions.map(line),
    principal: principal && line(principal.arn),
    policyType: policy?.type,
    policyArn: policy?.arn === undefined ? undefined : line(policy.arn),
    confidence,
    complete,
  });
}
