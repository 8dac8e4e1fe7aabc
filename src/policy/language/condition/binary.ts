import { outcomeOf } from "../outcome.js";
import type { Operator } from "./operator.js";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** IAM User Guide, "Condition operators", "Binary condition operators": compares bytes that are encoded in base64. */
export const BINARY_OPERATORS: readonly (readonly [string, Operator])[] = [
  [
    "BinaryEquals",
    {
      negated: false,
      variables: false,
      wildcards: false,
      compile: (wanted) =>
        BASE64.test(wanted) ? (value) => outcomeOf(base64Bytes(value) === base64Bytes(wanted)) : undefined,
    },
  ],
];

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Returns the canonical base64 text of the same bytes. Unused bits at the end are dropped. */
function base64Bytes(text: string): string | undefined {
  if (!BASE64.test(text)) return undefined;
  const end = text.indexOf("=");
  if (end < 0) return text;
  const unused = 2 * (text.length - end);
  const last = (DIGITS.indexOf(text.charAt(end - 1)) >> unused) << unused;
  return text.slice(0, end - 1) + DIGITS.charAt(last) + text.slice(end);
}
