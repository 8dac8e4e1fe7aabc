import type { Conclusion } from "../../diagnosis.js";
import { printable, printableLines } from "../../printable.js";
import type { ParsedRefusal } from "../../refusal/parse.js";

/** The longest message that is quoted in a sentence. The error and the report also contain the whole message. */
const LONGEST_QUOTE = 400;

/** Names that an error has if AWS's response didn't contain one. */
const GENERIC_NAMES: ReadonlySet<string> = new Set(["Unknown", "UnknownError", "Error", "SyntaxError", "HTTPError"]);

/** Quotes a message in which no sentence is recognized. */
export function unrecognized({ refusal }: Conclusion): string[] {
  if (refusal === undefined) return [];
  const { raw, kind, sentence, action, policyType } = refusal;
  const isRecognized = sentence === undefined ? action !== undefined || policyType !== undefined : !isGeneral(refusal);
  if (isRecognized) return [];
  const message = raw.trim();
  if (message === "") return kind === "unknown" ? ["The error doesn't contain a message."] : [];
  const quoted = printable(printableLines(message, LONGEST_QUOTE));
  return [`This release doesn't recognize the message "${quoted}".`];
}

/** Whether the sentence has the form in which AWS denies access, but isn't one with a known meaning. */
const isGeneral = ({ sentence }: ParsedRefusal) => sentence === "access-not-allowed";

/** Whether nothing in the response shows that AWS returned it. */
export function mayBeFromProxy(refusal: ParsedRefusal | undefined): boolean {
  if (refusal === undefined) return false;
  const { requestId, errorName } = refusal;
  return requestId === undefined && (errorName === undefined || GENERIC_NAMES.has(errorName));
}

export const proxyText = (refusal: ParsedRefusal | undefined): string[] =>
  mayBeFromProxy(refusal)
    ? [
        "The response contains neither an AWS request ID nor an AWS error name, so a proxy or gateway might have returned it.",
      ]
    : [];
