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
      compile: (wanted) => (BASE64.test(wanted) ? (value) => outcomeOf(bytesOf(value) === bytesOf(wanted)) : undefined),
    },
  ],
];

/** Returns the canonical base64 text of the same bytes. Unused bits at the end are dropped. */
const bytesOf = (text: string) => (BASE64.test(text) ? Buffer.from(text, "base64").toString("base64") : undefined);
