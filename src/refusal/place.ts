import type { TextView } from "./text-view.js";

/** How strictly the position of a sentence is checked. */
export type SentencePlace =
  /**
   * The very beginning of the message. An error that isn't a denial by its name or HTTP status may quote the caller's
   * input anywhere else.
   */
  | "first"
  /** The beginning of the message, or directly after an envelope that begins the message. */
  | "start"
  /** After any text that ends like an envelope. */
  | "loose"
  | "anywhere";

/** Returns true if a sentence begins at a position where AWS, or a tool that wraps AWS's message, puts it. */
export function isInPlace(text: string, at: number, place: SentencePlace): boolean {
  if (place === "first") return FIRST.test(text.slice(0, at));
  if (place === "anywhere" || isBlank(text, at)) return true;
  if (place === "start" && !ENVELOPE_START.test(text.slice(0, 100))) return false;
  const before = text.slice(Math.max(0, at - 40), at).toLowerCase();
  const ends = place === "loose" ? LOOSE_ENDS : ENDS;
  return ends.some((end) => before.endsWith(end)) || MESSAGE_KEY.test(before) || STATUS_END.test(before);
}

/**
 * White space, and the error's own name, as tools add it to the beginning. A quotation mark here would have a closing
 * one later.
 */
const FIRST =
  /^\s*(?:an error occurred \([a-z]{1,60}\) when calling the [a-z]{1,80} operation: |[a-z]{1,60}exception(?:: )?)?$/i;

/** The beginnings of envelopes: CLIs and SDKs for other languages, JSON bodies, and gateways. */
const ENVELOPE_START =
  /^\W*(?:[45]\d\d \{|an error occurred \(|aws: \[error]|api error|error code:|forbidden:|operation error |software\.amazon\.|litellm\.|error raised by bedrock service|model access is denied due to |accessdenied|(?:error|message)["']? ?: ?["'{])/i;

/** The ends of envelopes. AWS's message follows directly. */
const ENDS = ["operation: ", "exception: ", "exception", "bedrock service: ", "due to "];
const LOOSE_ENDS = [...ENDS, "service: ", "- ", ": "];
/** `API Error: 400 `, `Error code: 400 - `. */
const STATUS_END = /(?:api error|error code|status code)[: ]{1,3}\d{3}[ :-]*$/;

/** The key of a JSON or Python body, and the quotation mark that opens its value. */
const MESSAGE_KEY = /["']message["'] ?: ?(?:["']|\{ ?)*$/;

/**
 * Returns true if the text before a position consists of white space, quotation marks, and marks of boxes or comments.
 */
function isBlank(text: string, at: number): boolean {
  return at <= MOST_MARKS && !/[\p{L}\p{N}]/u.test(text.slice(0, at));
}

const MOST_MARKS = 200;

/** The maximum number of occurrences of a sentence that are checked. */
const MOST_OCCURRENCES = 8;
/** The maximum length of a word that a `*` stands for, which is the length of a model's ARN. */
const LONGEST_WORD = 2_048;
/** The maximum number of characters that a `…` stands for. */
const LONGEST_GAP = 60;

/**
 * Returns true if a text contains one of AWS's fixed sentences at a position where AWS puts it.
 *
 * @param pattern lower case, from the sentence's first word. `*` stands for one word, and `…` stands for a few words
 * without quotation marks. `|` marks the start of the words that identify the sentence. If the position doesn't matter,
 * these words are enough
 */
export function hasSentence(view: TextView, pattern: string, place: SentencePlace): boolean {
  if (place === "anywhere") return view.find(pattern.slice(pattern.indexOf("|") + 1)) !== undefined;
  const [opening = "", ...parts] = pattern.replace("|", "").split(/([*…])/);
  // A pattern that begins with a gap is found by the words after the gap.
  const lead = opening === "" ? parts.shift() : undefined;
  const words = (lead === undefined ? opening : (parts.shift() ?? "")).trim();
  let from = 0;
  for (let occurrence = 0; occurrence < MOST_OCCURRENCES; occurrence++) {
    const found = view.find(words, from);
    if (!found) return false;
    const start = lead === undefined ? found.start : gapBefore(view.text, found.start, lead);
    const isLed = place !== "first" || isLeadOfAws(view.text.slice(start, found.start), lead);
    if (isLed && isInPlace(view.text, start, place) && isContinued(view, found.end, parts)) return true;
    from = found.end;
  }
  return false;
}

/** Returns true if the rest of a sentence follows, which consists of gaps and the words after each of them. */
function isContinued(view: TextView, from: number, parts: readonly string[]): boolean {
  let at = from;
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const found = view.find((parts[index + 1] ?? "").trim(), at);
    if (!found) return false;
    if (view.text.slice(at, gapBefore(view.text, found.start, parts[index])).trim() !== "") return false;
    at = found.end;
  }
  return true;
}

/** Returns the start of a lead of a few words that ends at a position. */
export const leadBefore = (text: string, at: number) => gapBefore(text, at, "…");

/**
 * Returns the start of a gap that ends at a position. The gap contains nothing that a validation message puts around
 * the caller's input.
 */
function gapBefore(text: string, at: number, gap: string | undefined): number {
  const isWord = gap === "*";
  const from = Math.max(0, at - (isWord ? LONGEST_WORD : LONGEST_GAP));
  const before = text.slice(from, at);
  const end = isWord ? before.trimEnd().length : before.length;
  const start = Math.max(
    0,
    ...(isWord ? WORD_BREAKS : GAP_BREAKS).map((sign) => {
      const found = before.lastIndexOf(sign, end - 1);
      return found < 0 ? 0 : found + sign.length;
    }),
  );
  return from + start + (isWord ? 0 : before.slice(start).search(/\S|$/));
}

const WORD_BREAKS = [" ", "\n", '"', "'"];
const GAP_BREAKS = ['"', "'", ":", "`", "{", "}", "[", "]", ". ", "; "];

/**
 * Returns true if AWS begins a sentence like this, with its own words and a model ID. The name of a tool doesn't match.
 */
function isLeadOfAws(lead: string, gap: string | undefined): boolean {
  if (gap === "*") return lead.includes(".");
  return lead.split(/\s+/).every((word) => word === "" || LEADING_WORD.test(word));
}

const LEADING_WORD =
  /^(?:(?:th(?:e|is|at)|your|provided|specified|requested|foundation|base|model|version|id|identifier|amazon|bedrock|has|have|is|was|does|doesn?|do)|[a-z][a-z0-9-]*\.[a-z0-9][\w.:-]*)$/i;
