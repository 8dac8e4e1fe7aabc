import { asciiLower } from "../ascii.js";
import { POLICY_NAMES } from "./grammar.js";
import type { DenyKind, PolicyType } from "./kinds.js";
import { isInPlace, leadBefore, type Place } from "./place.js";
import type { Span, TextView } from "./text-view.js";
import { actionAt, arnBefore, policyArnAt, resourceIn, sentenceStart, token } from "./tokens.js";

/** What one refusal sentence says; a part that it does not say, or that cannot be read, is absent. */
export interface RefusalSentence {
  principal?: string;
  action?: string;
  resource?: string;
  policyType?: PolicyType;
  policyArn?: string;
  denyKind?: DenyKind;
  authorizationId?: string;
}

/** Sentences looked at before giving up: a log may hold many, a reader wants the first that can be read. */
const MOST_SENTENCES = 8;

/**
 * Reads the first refusal in a text. Forms (IAM User Guide, "Troubleshoot access denied error messages"):
 *
 *     User: P is not authorized to perform: A on resource: R because no T allows the A action
 *     User: P is not authorized to perform: A on resource: R with an explicit deny in a T: ARN
 *
 * in which every part may be missing, and the console's panel:
 *
 *     User: P Action: A On resource(s): R Context: a T explicitly denies the action
 *
 * @param place where the sentence counts
 */
export function readSentence(view: TextView, place: Place): RefusalSentence | undefined {
  let from = 0;
  for (let tries = 0; tries < MOST_SENTENCES; tries++) {
    const anchor = view.find("not authorized to perform", from);
    if (!anchor) break;
    const start = sentenceStart(view.text, anchor.start);
    // "You are not authorized to perform": a few words without quotes belong to the sentence.
    const isCounted = [start, leadBefore(view.text, start)].some((at) => isInPlace(view.text, at, place));
    const found = isCounted ? readAt(view, anchor) : undefined;
    if (found) return found;
    from = anchor.end;
  }
  return readPanel(view, place) ?? readTail(view, place);
}

/** The sentence around its anchor, `not authorized to perform`; undefined where no IAM action follows. */
function readAt(view: TextView, anchor: Span): RefusalSentence | undefined {
  const { text } = view;
  // The next sentence's words are not this one's.
  const until = view.find("not authorized to perform", anchor.end)?.start ?? text.length;
  const within = (span: Span | undefined) => (span && span.start < until ? span : undefined);
  const reason = readReason(view, anchor.end, until);
  const beforeReason = reason?.at ?? until;
  const on = within(view.find("on resource", anchor.end));
  const onArn = on ? undefined : within(view.find("on arn:", anchor.end));
  const resourceFrom = on ? on.end : onArn ? onArn.end - "arn:".length : undefined;
  const actionUntil = Math.min(on?.start ?? until, onArn?.start ?? until, beforeReason);
  const action = actionAt(text, anchor.end, actionUntil) ?? reason?.action;
  if (action === undefined) return undefined;
  const inSentence = resourceFrom !== undefined && resourceFrom <= beforeReason;
  const resource = inSentence ? resourceIn(text, resourceFrom, beforeReason, reason !== undefined) : undefined;
  const sentence: RefusalSentence = { action };
  const principal = arnBefore(text, anchor.start);
  if (principal !== undefined) sentence.principal = principal;
  if (resource !== undefined) sentence.resource = resource;
  if (reason !== undefined) Object.assign(sentence, reason.says);
  const id = within(view.find("authorization id:", anchor.end));
  if (id) sentence.authorizationId = token(text, id.end);
  return sentence;
}

interface Reason {
  /** Where its first word stands. */
  at: number;
  /** The action that it repeats. */
  action: string | undefined;
  says: Pick<RefusalSentence, "policyType" | "policyArn" | "denyKind">;
}

function readReason(view: TextView, from: number, until: number): Reason | undefined {
  const explicit = view.find("with an explicit deny in", from) ?? view.find("explicit deny in a", from);
  const implicit = view.find("because no", from) ?? bareReason(view, from);
  const explicitFirst = explicit && (!implicit || explicit.start < implicit.start);
  const reason = explicitFirst ? readExplicit(view, explicit) : implicit && readImplicit(view, implicit);
  return (reason && reason.at < until ? reason : undefined) ?? readThrough(view, from, until);
}

/** `no session policy allows the …`, as people quote a reason without its first word. */
function bareReason(view: TextView, from: number): Span | undefined {
  for (const [phrase] of POLICY_NAMES) {
    const found = view.find(`no ${phrase} allows the`, from);
    if (found) return { start: found.start, end: found.start + "no".length };
  }
  return undefined;
}

function readExplicit(view: TextView, span: Span): Reason {
  // Found without its first words, the phrase holds the policy's article.
  const policy = policyAt(view.text, span.end) ?? policyAt(view.text, span.end - 1);
  const says: Reason["says"] = { denyKind: "explicit" };
  if (policy?.type) says.policyType = policy.type;
  const arn = policy && policyArnAt(view.text, policy.end);
  if (arn) says.policyArn = arn;
  return { at: span.start, action: undefined, says };
}

function readImplicit(view: TextView, span: Span): Reason | undefined {
  const policy = policyAt(view.text, span.end);
  if (!policy) return undefined;
  const allows = matchAt(view.text, policy.end, "allows the");
  const action = allows < 0 ? undefined : actionAt(view.text, allows, view.text.length);
  return { at: span.start, action, says: { ...typeOf(policy), denyKind: "implicit" } };
}

/** "… transitively through a service control policy": a policy, and no word on how it denies. */
function readThrough(view: TextView, from: number, until: number): Reason | undefined {
  const span = view.find("transitively through a", from);
  const policy = span && span.start < until ? policyAt(view.text, span.end) : undefined;
  return span && policy ? { at: span.start, action: undefined, says: typeOf(policy) } : undefined;
}

/** The console's panel: its labels are translated, so the ARNs are told apart by their service, the action by its shape. */
function readPanel(view: TextView, place: Place): RefusalSentence | undefined {
  const context = policyBefore(view, "explicitly denies the action");
  if (!context) return undefined;
  const start = view.find("arn:")?.start ?? context.start;
  if (!isInPlace(view.text, sentenceStart(view.text, start), place)) return undefined;
  const found: RefusalSentence = { ...typeOf(context), denyKind: "explicit" };
  for (const word of view.text.slice(Math.max(0, context.start - 4_000), context.start).split(/[\s"|]+|[,;](?=\s)/)) {
    if (/^arn:[^:]*:(iam|sts):/.test(word)) found.principal ??= word;
    else if (word.startsWith("arn:")) found.resource ??= word;
    else if (/^[a-z][a-z0-9-]*:[A-Z][A-Za-z]+$/.test(word)) found.action ??= word;
  }
  return found.action === undefined ? undefined : found;
}

/** Only the reason was quoted. It names a policy, and where nothing allows, the action. */
function readTail(view: TextView, place: Place): RefusalSentence | undefined {
  const reason = readReason(view, 0, view.text.length);
  if (reason === undefined || reason.says.policyType === undefined) return undefined;
  if (!isInPlace(view.text, reason.at, place)) return undefined;
  return { ...(reason.action === undefined ? {} : { action: reason.action }), ...reason.says };
}

interface PolicyAt extends Span {
  type: PolicyType | undefined;
}

const typeOf = (policy: PolicyAt | undefined) => (policy?.type ? { policyType: policy.type } : {});

/** The policy name that stands at a position, after its article. */
function policyAt(text: string, from: number): PolicyAt | undefined {
  for (const article of ARTICLES) {
    const start = matchAt(text, from, article);
    if (start < 0) continue;
    for (const [phrase, type] of POLICY_NAMES) {
      const end = matchAt(text, start, phrase);
      if (end >= 0) return { start, end, type };
    }
  }
  return undefined;
}

const ARTICLES = ["a ", "an ", "the ", ""];

function policyBefore(view: TextView, phrase: string): PolicyAt | undefined {
  if (!view.find(phrase)) return undefined;
  for (const [name, type] of POLICY_NAMES) {
    const span = view.find(`${name} ${phrase}`);
    if (span) return { ...span, type };
  }
  return undefined;
}

/** Where a phrase that begins at a position ends, white space and case aside; -1 where it does not stand there. */
function matchAt(text: string, from: number, phrase: string): number {
  const here = text.charAt(from) === " " ? from + 1 : from;
  if (text.startsWith(phrase, here)) return here + phrase.length;
  // The first letter decides almost always.
  let at = here;
  for (let letter = 0; letter < phrase.length; letter++) {
    const sought = phrase.charAt(letter);
    if (sought === " ") continue;
    while (text.charAt(at) === " " || text.charAt(at) === "\n") at++;
    if (asciiLower(text.charAt(at)) !== sought) return -1;
    at++;
  }
  return at;
}
