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
  return ends.some((end) => before.endsWith(end)) || MESSAGE_KEY.test(before);
}

/** White space, and the error's own name: a quote would be closed again later. */
const FIRST = /^\s*(?:[A-Za-z]{1,60}Exception(?:: )?)?$/;

/** How an envelope begins: CLIs and SDKs of other languages, JSON bodies, gateways. */
const OPENING =
  /^\W*(?:[45]\d\d \{|an error occurred \(|aws: \[error]|api error|error code:|forbidden:|operation error |software\.amazon\.|litellm\.|error raised by bedrock service|model access is denied due to |accessdenied|(?:error|message)["']? ?: ?["'{])/i;

/** How an envelope ends, where AWS's message comes next. */
const ENDS = ["operation: ", "exception: ", "exception", "bedrock service: ", "due to "];
const LOOSE_ENDS = [...ENDS, "service: ", "- ", ": "];

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
const LONGEST_LEAD = 60;

/**
 * Whether one of AWS's fixed sentences is in a text, at a place where AWS puts it.
 *
 * @param sentence lower case, from its first word: `*` stands for one word, a leading `…` for a few words without quotes,
 *   and `|` marks where the words begin that identify it. Where the place doesn't matter, these words are enough.
 */
export function hasSentence(view: TextView, sentence: string, place: Place): boolean {
  if (place === "anywhere") return view.find(sentence.slice(sentence.indexOf("|") + 1)) !== undefined;
  const [first = "", ...chunks] = sentence.replace("|", "").split("*");
  const opening = first.startsWith("…") ? first.slice(1) : first;
  if (opening.trim() === "") return hasWordFirst(view, chunks, place);
  let from = 0;
  for (let occurrence = 0; occurrence < MOST_OCCURRENCES; occurrence++) {
    const found = view.find(opening.trim(), from);
    if (!found) return false;
    const start = first.startsWith("…") ? leadBefore(view.text, found.start) : found.start;
    const isLed = place !== "first" || hasLeadOfAws(view.text.slice(start, found.start));
    if (isLed && isInPlace(view.text, start, place) && isContinued(view, found.end, chunks)) return true;
    from = found.end;
  }
  return false;
}

/** A sentence that begins with a word of the caller's: `anthropic.claude-opus-5 is not available for this account`. */
function hasWordFirst(view: TextView, [chunk = "", ...rest]: readonly string[], place: Place): boolean {
  const found = view.find(chunk.trim());
  if (!found) return false;
  const end = view.text.slice(0, found.start).trimEnd().length;
  const before = view.text.slice(Math.max(0, end - LONGEST_WORD), end);
  const start = Math.max(...WORD_BREAKS.map((sign) => before.lastIndexOf(sign))) + 1;
  // AWS begins with the model's id there, which has a dot.
  if (place === "first" && !before.slice(start).includes(".")) return false;
  return isInPlace(view.text, end - before.length + start, place) && isContinued(view, found.end, rest);
}

const WORD_BREAKS = [" ", "\n", '"', "'"];

/** Whether the rest of a sentence follows, one word between each two of its parts. */
function isContinued(view: TextView, from: number, chunks: readonly string[]): boolean {
  let at = from;
  for (const chunk of chunks) {
    const found = view.find(chunk.trim(), at);
    if (!found || found.start - at > LONGEST_WORD) return false;
    if (/\S\s+\S/.test(view.text.slice(at, found.start).replaceAll("\n", ""))) return false;
    at = found.end;
  }
  return true;
}

/** The words that AWS begins these sentences with, and a model's id: a tool's name isn't among them. */
function hasLeadOfAws(lead: string): boolean {
  return lead.split(/\s+/).every((word) => word === "" || LEADING_WORD.test(word));
}

const LEADING_WORD =
  /^(?:(?:th(?:e|is|at)|your|provided|specified|requested|foundation|base|model|version|id|identifier|amazon|bedrock|has|have|is|was|does|doesn?|do)|[a-z][a-z0-9-]*\.[a-z0-9][\w.:-]*)$/i;

/** Where a lead of a few words begins: nothing that a validator puts around the caller's input is in it. */
export function leadBefore(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - LONGEST_LEAD), at);
  return at - (/(?:[^"':`{}[\].;]|[.;](?! ))*$/.exec(before)?.[0] ?? "").trimStart().length;
}
