import type { TextView } from "./text-view.js";

/** How closely the place of a sentence is checked. */
export type Place =
  /** The very first words: an error that isn't a denial by its name or HTTP status may quote the caller's input anywhere else. */
  | "first"
  /** The beginning of the message, or behind an envelope that the message begins with. */
  | "start"
  /** Behind anything that ends like an envelope. */
  | "loose"
  | "anywhere";

/** Whether a sentence that begins at a position is in a place where AWS, or a tool that wraps AWS's message, puts it. */
export function isInPlace(text: string, at: number, place: Place): boolean {
  if (place === "first") return FIRST.test(text.slice(0, at));
  if (place === "anywhere" || isBlank(text, at)) return true;
  if (place === "start" && !OPENING.test(text.slice(0, 100))) return false;
  const before = text.slice(Math.max(0, at - 40), at).toLowerCase();
  const ends = place === "loose" ? LOOSE_ENDS : ENDS;
  return ends.some((end) => before.endsWith(end)) || MESSAGE_KEY.test(before) || STATUS_END.test(before);
}

/** White space, and the error's own name, as tools put it in front: a quote would be closed again later. */
const FIRST =
  /^\s*(?:an error occurred \([a-z]{1,60}\) when calling the [a-z]{1,80} operation: |[a-z]{1,60}exception(?:: )?)?$/i;

/** How an envelope begins: CLIs and SDKs of other languages, JSON bodies, gateways. */
const OPENING =
  /^\W*(?:[45]\d\d \{|an error occurred \(|aws: \[error]|api error|error code:|forbidden:|operation error |software\.amazon\.|litellm\.|error raised by bedrock service|model access is denied due to |accessdenied|(?:error|message)["']? ?: ?["'{])/i;

/** How an envelope ends, where AWS's message comes next. */
const ENDS = ["operation: ", "exception: ", "exception", "bedrock service: ", "due to "];
const LOOSE_ENDS = [...ENDS, "service: ", "- ", ": "];
/** `API Error: 400 `, `Error code: 400 - `. */
const STATUS_END = /(?:api error|error code|status code)[: ]{1,3}\d{3}[ :-]*$/;

/** The key of a JSON or Python body, and the quote that opens its value. */
const MESSAGE_KEY = /["']message["'] ?: ?(?:["']|\{ ?)*$/;

/** True where nothing but white space, quotes, and marks of boxes or comments comes before. */
function isBlank(text: string, at: number): boolean {
  return at <= MOST_MARKS && !/[\p{L}\p{N}]/u.test(text.slice(0, at));
}

const MOST_MARKS = 200;

/** Occurrences of a sentence that are checked before giving up. */
const MOST_OCCURRENCES = 8;
/** The longest word that a `*` stands for: a model's ARN. */
const LONGEST_WORD = 2_048;
/** The most characters that a `…` stands for. */
const LONGEST_GAP = 60;

/**
 * Whether one of AWS's fixed sentences is in a text, at a place where AWS puts it.
 *
 * @param pattern lower case, from the sentence's first word: `*` stands for one word, `…` for a few words without quotes, and
 *   `|` marks where the words begin that identify the sentence. Where the place doesn't matter, these words are enough.
 */
export function hasSentence(view: TextView, pattern: string, place: Place): boolean {
  if (place === "anywhere") return view.find(pattern.slice(pattern.indexOf("|") + 1)) !== undefined;
  const [opening = "", ...parts] = pattern.replace("|", "").split(/([*…])/);
  // A pattern that opens with a gap is found by the words after it.
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

/** Whether the rest of a sentence follows: gaps, each with the words after it. */
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

/** Where a lead of a few words begins that ends at a position. */
export const leadBefore = (text: string, at: number) => gapBefore(text, at, "…");

/** Where a gap begins that ends at a position: nothing that a validator puts around the caller's input is in it. */
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

/** Whether AWS begins a sentence like that: with its own words and a model's ID. A tool's name isn't among them. */
function isLeadOfAws(lead: string, gap: string | undefined): boolean {
  if (gap === "*") return lead.includes(".");
  return lead.split(/\s+/).every((word) => word === "" || LEADING_WORD.test(word));
}

const LEADING_WORD =
  /^(?:(?:th(?:e|is|at)|your|provided|specified|requested|foundation|base|model|version|id|identifier|amazon|bedrock|has|have|is|was|does|doesn?|do)|[a-z][a-z0-9-]*\.[a-z0-9][\w.:-]*)$/i;
