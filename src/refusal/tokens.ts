/** Brackets that people put around hidden values. White space inside the brackets belongs to the placeholder. */
const CLOSING: Record<string, string> = { "<": ">", "[": "]", "{": "}" };
/** The maximum length of a placeholder, which is a few words. */
const LONGEST_PLACEHOLDER = 40;
/** The maximum length of a token. AWS's principal, resource, and policy ARNs are shorter (2,048 characters at most). */
const LONGEST_TOKEN = 2_100;

/**
 * Returns the token at a position, after any white space and colons. It ends at white space, a quotation mark, or the
 * end of the text.
 */
export function token(text: string, from: number): string {
  let start = from;
  while (start < text.length && " \n:".includes(text.charAt(start))) start++;
  return withoutPunctuation(text.slice(start, endOfToken(text, start, Math.min(text.length, start + LONGEST_TOKEN))));
}

/**
 * Returns the IAM action between an anchor and the text that follows it, or undefined if there is none. Between two
 * anchors, a line break is line wrapping. After the last anchor, the next line is separate text once the action is
 * complete.
 */
export function actionAt(text: string, from: number, until: number): string | undefined {
  let start = from;
  while (start < until && " \n:*_\"'".includes(text.charAt(start))) start++;
  const segment = text.slice(start, Math.min(until, start + 200));
  if (!segment.includes("\n")) return ACTION.exec(segment)?.[0];
  const line = segment.slice(0, segment.indexOf("\n"));
  const whole = until === text.length && ACTION.exec(line)?.[0] === line;
  return whole ? line : ACTION.exec(segment.replaceAll("\n", ""))?.[0];
}

const ACTION = /^[A-Za-z0-9-]+:[A-Za-z0-9*]+/;

/** Returns the principal's ARN that ends where the sentence's anchor begins. */
export function arnBefore(text: string, anchor: number): string | undefined {
  const end = beforeIs(text, anchor);
  const start = text.lastIndexOf("arn:", end);
  if (start < 0 || end - start > LONGEST_TOKEN) return undefined;
  const inside = text.slice(start, end);
  // If a quotation mark or the end of a sentence is in between, the ARN belongs to something else.
  if (/["'`]|[.;,] /.test(inside)) return undefined;
  const principal = squeezed(inside);
  return principal.includes(" ") || !PRINCIPAL_START.test(principal) ? undefined : withoutSpaceMarks(principal);
}

/** Only IAM and STS have principals. Any other ARN before the anchor is the resource that a tool was processing. */
const PRINCIPAL_START = /^arn:[^:]*:(?:iam|sts):/;

/**
 * Returns the start of the sentence around an anchor: the label `User:`, otherwise the principal, otherwise the anchor
 * itself.
 */
export function sentenceStart(text: string, anchor: number): number {
  const from = Math.max(0, anchor - LONGEST_TOKEN);
  const before = text.slice(from, anchor);
  const label = lastLabel(before);
  if (label >= 0) return from + label;
  const end = beforeIs(text, anchor);
  const arn = text.lastIndexOf("arn:", end);
  return arn >= from && !/["'`]|[.;,] /.test(text.slice(arn, end)) ? arn : end;
}

const LABEL = /\buser(?: arn)?(?::|\s)/gi;

/**
 * Returns the start of the last `User:` that no quotation mark or end of a sentence separates from the end of the text.
 * Returns -1 if there is none.
 */
function lastLabel(text: string): number {
  let last = -1;
  LABEL.lastIndex = 0;
  for (let found = LABEL.exec(text); found !== null; found = LABEL.exec(text)) last = found.index;
  return last >= 0 && !/["'`][^"'`]*["'`]|[.;] /.test(text.slice(last)) ? last : -1;
}

/**
 * Returns the end of the text before `is`, even if `is` is wrapped, and before quotation marks or asterisks that close
 * the principal.
 */
function beforeIs(text: string, anchor: number): number {
  let at = skipBack(text, anchor, " \n*_");
  if (text.charAt(at - 1).toLowerCase() === "s") {
    const i = skipBack(text, at - 1, "\n") - 1;
    if (text.charAt(i).toLowerCase() === "i" && " \n*_\"'".includes(text.charAt(i - 1))) at = i;
  }
  return skipBack(text, at, " \n*_\"'");
}

function skipBack(text: string, from: number, characters: string): number {
  let at = from;
  while (at > 0 && from - at < LONGEST_TOKEN && characters.includes(text.charAt(at - 1))) at--;
  return at;
}

/**
 * Returns the resource that begins at a position and ends before `until`, where the reason or the next sentence begins.
 */
export function resourceIn(text: string, from: number, until: number, closed: boolean): string | undefined {
  let start = from;
  if (text.startsWith("(s)", start)) start += 3;
  while (start < until && " \n:".includes(text.charAt(start))) start++;
  if (`"'`.includes(text.charAt(start)) && start < until) start++;
  if (text.startsWith("**", start)) start += 2;
  if (text.charAt(start) === "*" && !/[\w*]/.test(text.charAt(start + 1))) return "*";
  const whole = squeezed(text.slice(start, Math.min(until, start + LONGEST_TOKEN)).trim());
  // If the reason ends the resource, all text in between is the resource, however it was wrapped.
  const bare = withoutClosingMarks(whole);
  if (closed && !/[ "']/.test(bare)) return nonEmpty(withoutSpaceMarks(bare));
  return nonEmpty(joinedLines(text, start, Math.min(until, start + LONGEST_TOKEN)));
}

/**
 * Removes the quotation marks and asterisks that close a resource. The last `*` of `guardrail/*` belongs to the
 * resource.
 */
function withoutClosingMarks(text: string): string {
  const bare = text.slice(0, skipBack(text, text.length, "\"'*"));
  return /[/:]$/.test(bare) && text.charAt(bare.length) === "*" ? `${bare}*` : bare;
}

/** Returns the policy ARN after `: `. Returns undefined if there is no ARN, or only the end of one. */
export function policyArnAt(text: string, from: number): string | undefined {
  let start = from;
  let colon = false;
  while (start < text.length && " \n:*".includes(text.charAt(start))) {
    colon ||= text.charAt(start) === ":";
    start++;
  }
  if (!colon || !text.startsWith("arn:", start)) return undefined;
  return joinedLines(text, start, Math.min(text.length, start + LONGEST_TOKEN));
}

const nonEmpty = (text: string) => (text === "" ? undefined : text);

/** Reads one token. It continues after a line break only if it can't be complete before it. */
function joinedLines(text: string, start: number, until: number): string {
  let read = "";
  let at = start;
  while (at < until) {
    const end = endOfToken(text, at, until);
    read += withoutSpaceMarks(squeezed(text.slice(at, end)));
    const broken = text.charAt(end) === "\n" && end + 1 < until && !" \n".includes(text.charAt(end + 1));
    if (!broken || isCompleteToken(read)) break;
    at = end + 1;
  }
  return withoutPunctuation(read);
}

/**
 * Returns true if an ARN may end here, which isn't in the middle of its parts or inside the ID of an organization's
 * policy.
 */
function isCompleteToken(arn: string): boolean {
  // A period at the end of a line ends a sentence.
  if (/[/:-]$/.test(arn) || arn.split(":").length < 6) return false;
  if (/:organizations:/.test(arn)) return /\/p-[a-z0-9]{8,}\.?$/.test(arn) || /[}>\]*]$/.test(arn);
  return true;
}

/** All characters up to white space, a quotation mark, or a bracket that may open a placeholder. */
const PLAIN_RUN = /[^ \n"'`<[{]*/y;

/** Returns the end of a token, which is white space or a quotation mark. Placeholders can contain spaces. */
function endOfToken(text: string, start: number, until: number): number {
  let at = start;
  while (at < until) {
    PLAIN_RUN.lastIndex = at;
    PLAIN_RUN.test(text);
    at = PLAIN_RUN.lastIndex;
    const closing = CLOSING[text.charAt(at)];
    if (at >= until || closing === undefined) break;
    const end = text.slice(at, at + LONGEST_PLACEHOLDER).indexOf(closing);
    at += end > 0 ? end + 1 : 1;
  }
  return Math.min(at, until);
}

/** Replaces a space inside a placeholder while other white space is removed. */
const SPACE_MARK = "\u0000";
const withoutSpaceMarks = (text: string) => (text.includes(SPACE_MARK) ? text.replaceAll(SPACE_MARK, " ") : text);

/**
 * Removes line wrapping, which consists of line breaks and of spaces next to `/` and `:`, where AWS never puts one.
 * Spaces in placeholders are marked. If a space is left over, the text isn't a single token.
 */
function squeezed(text: string): string {
  const unwrapped = text.includes("\n") ? text.replaceAll("\n", "") : text;
  if (!unwrapped.includes(" ")) return unwrapped;
  return unwrapped
    .replace(/<[^<>]{1,40}>|\[[^[\]]{1,40}\]|\{[^{}]{1,40}\}/g, (placeholder) =>
      placeholder.replaceAll(" ", SPACE_MARK),
    )
    .replace(/([/:]) +/g, "$1")
    .replace(/ +([/:])/g, "$1");
}

/** Removes sentence punctuation at the end, and closing brackets that were never opened. */
function withoutPunctuation(text: string): string {
  if (/[a-z0-9]$/i.test(text)) return text;
  let end = text.length;
  for (; end > 0; end--) {
    const last = text.charAt(end - 1);
    if (".,;:!?*\"'".includes(last) && !(last === "*" && /[/:*]/.test(text.charAt(end - 2)))) continue;
    if (")]}>".includes(last) && !isOpened(text.slice(0, end), last)) continue;
    break;
  }
  return text.slice(0, end);
}

const OPENING_BRACKETS: Record<string, string> = { ")": "(", "]": "[", "}": "{", ">": "<" };

function isOpened(text: string, closing: string): boolean {
  const opening = OPENING_BRACKETS[closing] ?? "";
  return text.split(opening).length >= text.split(closing).length;
}
