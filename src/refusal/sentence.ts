import { asciiLower } from "../ascii.js";
import type { DenyKind, PolicyType } from "../authorization.js";
import { POLICY_NAMES } from "./grammar.js";
import { isInPlace, leadBefore, type SentencePlace } from "./place.js";
import type { Span, TextView } from "./text-view.js";
import { actionAt, arnBefore, policyArnAt, resourceIn, sentenceStart, token } from "./tokens.js";

/** The parts of one access denied sentence. A part that is missing or can't be parsed is absent. */
export interface RefusalSentence {
  principal?: string;
  action?: string;
  resource?: string;
  policyType?: PolicyType;
  policyArn?: string;
  denyKind?: DenyKind;
  authorizationId?: string;
}

/**
 * The maximum number of sentences that are checked. A log may contain many, and only the first one that can be parsed
 * is used.
 */
const MOST_SENTENCES = 8;

/**
 * Parses the first access denied sentence in a text. Its forms are (IAM User Guide, "Troubleshoot access denied error
 * messages"):
 *
 *     User: P is not authorized to perform: A on resource: R because no T allows the A action
 *     User: P is not authorized to perform: A on resource: R with an explicit deny in a T: ARN
 *
 * Any part of these may be missing. The console's panel has this form:
 *
 *     User: P Action: A On resource(s): R Context: a T explicitly denies the action
 *
 * @param place the position at which the sentence counts
 */
export function readSentence(view: TextView, place: SentencePlace): RefusalSentence | undefined {
  let from = 0;
  for (let tries = 0; tries < MOST_SENTENCES; tries++) {
    const anchor = view.find("not authorized to perform", from);
    if (!anchor) break;
    const start = sentenceStart(view.text, anchor.start);
    // In "You are not authorized to perform", a few words without quotation marks belong to the sentence.
    const isCounted = isInPlace(view.text, start, place) || isInPlace(view.text, leadBefore(view.text, start), place);
    const found = isCounted ? readAt(view, anchor) : undefined;
    if (found) return found;
    from = anchor.end;
  }
  return readPanel(view, place) ?? readTail(view, place);
}

/** Parses the sentence around its anchor, `not authorized to perform`. Returns undefined if no IAM action follows. */
function readAt(view: TextView, anchor: Span): RefusalSentence | undefined {
  const { text } = view;
  // The search ends where the next sentence begins.
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
  /** The position of its first word. */
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

/** Finds `no session policy allows the …`, because people quote a reason without its first word. */
function bareReason(view: TextView, from: number): Span | undefined {
  // Most messages without "because no" contain none of these phrases.
  if (!view.find("allows the", from)) return undefined;
  for (const [phrase] of POLICY_NAMES) {
    const found = view.find(`no ${phrase} allows the`, from);
    if (found) return { start: found.start, end: found.start + "no".length };
  }
  return undefined;
}

function readExplicit(view: TextView, span: Span): Reason {
  // If the phrase was found without its first words, it contains the policy's article.
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
  return { at: span.start, action, says: { ...policyTypeField(policy), denyKind: "implicit" } };
}

/** Finds "… transitively through a service control policy". This identifies a policy, but not how it denies. */
function readThrough(view: TextView, from: number, until: number): Reason | undefined {
  const span = view.find("transitively through a", from);
  const policy = span && span.start < until ? policyAt(view.text, span.end) : undefined;
  return span && policy ? { at: span.start, action: undefined, says: policyTypeField(policy) } : undefined;
}

/**
 * Parses the console's panel. Its labels are translated, so each ARN is recognized by its service, and the action by
 * its form.
 */
function readPanel(view: TextView, place: SentencePlace): RefusalSentence | undefined {
  const context = policyBefore(view, "explicitly denies the action");
  if (!context) return undefined;
  const start = view.find("arn:")?.start ?? context.start;
  if (!isInPlace(view.text, sentenceStart(view.text, start), place)) return undefined;
  const found: RefusalSentence = { ...policyTypeField(context), denyKind: "explicit" };
  for (const word of view.text.slice(Math.max(0, context.start - 4_000), context.start).split(/[\s"|]+|[,;](?=\s)/)) {
    if (/^arn:[^:]*:(iam|sts):/.test(word)) found.principal ??= word;
    else if (word.startsWith("arn:")) found.resource ??= word;
    else if (/^[a-z][a-z0-9-]*:[A-Z][A-Za-z]+$/.test(word)) found.action ??= word;
  }
  return found.action === undefined ? undefined : found;
}

/**
 * Parses a quotation that contains only the reason. It identifies a policy and, if nothing allows the request, the
 * action.
 */
function readTail(view: TextView, place: SentencePlace): RefusalSentence | undefined {
  const reason = readReason(view, 0, view.text.length);
  if (reason === undefined || reason.says.policyType === undefined) return undefined;
  if (!isInPlace(view.text, reason.at, place)) return undefined;
  return { ...(reason.action === undefined ? {} : { action: reason.action }), ...reason.says };
}

interface PolicyAt extends Span {
  type: PolicyType | undefined;
}

const policyTypeField = (policy: PolicyAt | undefined) => (policy?.type ? { policyType: policy.type } : {});

/** Returns the policy name at a position, after its article. */
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

/**
 * Returns the end of a phrase that begins at a position, ignoring white space and case. Returns -1 if the phrase isn't
 * there.
 */
function matchAt(text: string, from: number, phrase: string): number {
  const here = text.charAt(from) === " " ? from + 1 : from;
  if (text.startsWith(phrase, here)) return here + phrase.length;
  // The first letter is nearly always enough to reject a phrase.
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
