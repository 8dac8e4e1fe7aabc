// Globs are matched with two indexes, never with a RegExp made from a policy. A RegExp with seven stars takes seconds.

/**
 * In a glob, a literal `*` and `?`, such as those from `${*}` and `${?}`. These are noncharacters, which policies don't
 * contain.
 */
const LITERAL_STAR = "\ufdd0";
const LITERAL_ANY = "\ufdd1";

/** Returns a text for use inside a glob in which every character is literal. */
export const literal = (text: string): string => text.replaceAll("*", LITERAL_STAR).replaceAll("?", LITERAL_ANY);

/**
 * Matches a whole text. `*` matches any text, and `?` matches any one character (IAM User Guide, "IAM JSON policy
 * elements: Resource"). Takes at most the text's length times the length of the longest piece between two stars. Each
 * piece is searched for once, starting where the previous one ended.
 */
export function globMatches(glob: string, text: string): boolean {
  // Most globs of a long list differ in their first character, so it's compared first.
  const first = glob.charCodeAt(0);
  if (first !== text.charCodeAt(0) && first !== STAR && first !== ANY && first < 0xfdd0) return false;
  let star = glob.indexOf("*");
  if (star < 0) return glob.length === text.length && fitsAt(glob, 0, glob.length, text, 0);
  if (star > text.length || !fitsAt(glob, 0, star, text, 0)) return false;
  let at = star;
  let from = star + 1;
  for (star = glob.indexOf("*", from); star >= 0; star = glob.indexOf("*", from)) {
    const found = find(glob.slice(from, star), text, at);
    if (found < 0) return false;
    at = found + star - from;
    from = star + 1;
  }
  const tail = text.length - (glob.length - from);
  return tail >= at && fitsAt(glob, from, glob.length, text, tail);
}

/** Returns true if the piece of the glob from `from` to `to`, which contains no star, matches the text at `at`. */
function fitsAt(glob: string, from: number, to: number, text: string, at: number): boolean {
  for (let index = from; index < to; index++) {
    const wanted = glob.charCodeAt(index);
    const character = text.charCodeAt(at + index - from);
    if (wanted !== character && !(wanted === ANY || (wanted >= 0xfdd0 && isLiteral(wanted, character)))) return false;
  }
  return true;
}

const STAR = "*".charCodeAt(0);
const ANY = "?".charCodeAt(0);
const isLiteral = (wanted: number, character: number) =>
  String.fromCharCode(wanted) === literal(String.fromCharCode(character));

function find(piece: string, text: string, at: number): number {
  if (!/[?\ufdd0\ufdd1]/.test(piece)) return text.indexOf(piece, at);
  for (let start = at; start + piece.length <= text.length; start++) {
    if (fitsAt(piece, 0, piece.length, text, start)) return start;
  }
  return -1;
}

/**
 * Actions are matched as a whole and regardless of case (IAM User Guide, "IAM JSON policy elements: Action"). Both
 * arguments must be in lower case.
 */
export const actionMatches = (glob: string, action: string): boolean => globMatches(glob, action);

/**
 * Matches an ARN by its six parts. A `*` at the end of a part can match beyond the colon. Any other wildcard stays
 * inside its part (IAM User Guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs"). For
 * example, `arn:aws:bedrock:*::foundation-model/M` matches the Region-less ARN, because its Region is empty.
 */
export function arnMatches(glob: string, arn: string): boolean {
  if (glob === "*") return true;
  // An ARN that doesn't match as one text doesn't match by parts either. The first check is faster.
  return globMatches(glob, arn) && (arnMatchesByParts(glob, arn) || matchesBeyondColons(glob, arn));
}

/** Returns an ARN that has fewer than six fields with `*` for the missing ones (IAM User Guide, "IAM identifiers"). */
export function completedArn(arn: string): string {
  const fields = arnFields(arn);
  return fields.length < 6 ? arn + ":*".repeat(6 - fields.length) : arn;
}

/** Returns the fields of an ARN. A variable such as `${aws:username}` contains a colon that doesn't separate fields. */
export const arnFields = (arn: string): string[] =>
  (arn.includes("${") ? arn.replace(/\$\{[^}]*\}/g, "") : arn).split(":");

/**
 * Matches an ARN strictly part by part. Both have six parts, and the sixth includes all text that follows (IAM User
 * Guide, "Condition operators").
 */
export function arnMatchesByParts(glob: string, arn: string): boolean {
  const wanted = sixParts(glob);
  const parts = sixParts(arn);
  if (wanted === undefined || parts === undefined) return false;
  return parts.every((part, at) => globMatches(wanted[at] ?? "", part));
}

function sixParts(arn: string): string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  while (parts.length < 5) {
    const colon = arn.indexOf(":", from);
    if (colon < 0) return undefined;
    parts.push(arn.slice(from, colon));
    from = colon + 1;
  }
  parts.push(arn.slice(from));
  return parts;
}

function matchesBeyondColons(glob: string, arn: string): boolean {
  const wanted = glob.split(":");
  const parts = arn.split(":");
  // reached[n] is true if the pieces of the glob so far can match the first n parts of the ARN.
  let reached = new Set([0]);
  for (const piece of wanted) {
    const next = new Set<number>();
    for (const at of reached) {
      const part = parts[at];
      if (part === undefined || !globMatches(piece, part)) continue;
      next.add(at + 1);
      if (piece.endsWith("*")) for (let beyond = at + 2; beyond <= parts.length; beyond++) next.add(beyond);
    }
    reached = next;
  }
  return reached.has(parts.length);
}
