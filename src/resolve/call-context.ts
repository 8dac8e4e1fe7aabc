import { type AuthorizationLeg, INVOKE_ACTIONS, TAG_KEYS } from "../authorization.js";
import type { CallFacts } from "./call-facts.js";
import type { ModelReference } from "./model-id.js";

/** The condition keys that a call's input sets, in lower case. */
export interface CallContext {
  /** Values that the call sets for the actions that invoke a model. */
  values: Record<string, string[]>;
  /** Keys that the call doesn't set. */
  absent: string[];
  /** Keys whose value is unknown, or is known only for some legs. */
  unknown: string[];
}

const GUARDRAIL_KEY = "bedrock:guardrailidentifier";
const SERVICE_TIER_KEY = "bedrock:servicetier";

/** A saved prompt has its own settings, such as a guardrail. */
const WITH_OWN_SETTINGS: ReadonlySet<ModelReference["kind"]> = new Set(["prompt"]);

/**
 * Returns the condition keys of a call (Service Authorization Reference, "Amazon Bedrock"). If the input isn't
 * provided, all of them are unknown.
 *
 * A key that the request doesn't set is absent: Amazon Bedrock User Guide, "Enforce the use of specific guardrails in
 * model inference requests" and "Control access to service tiers"; IAM User Guide, "AWS global condition context keys".
 *
 * @param guardrailArn the ARN of the guardrail that the request includes, if it's known
 */
export function callContext(
  facts: CallFacts | undefined,
  reference: ModelReference,
  guardrailArn: string | undefined,
): CallContext {
  const context: CallContext = { values: {}, absent: [], unknown: [] };
  if (facts === undefined) return context;
  const { guardrail, serviceTier, tags = [], unread = [] } = facts;
  const isOpen = WITH_OWN_SETTINGS.has(reference.kind);
  const identifier = guardrailArn === undefined ? undefined : guardrailIdentifier(guardrailArn, guardrail?.version);
  const set = (key: string, values: string[] | undefined, isUnread: boolean) => {
    if (values) context.values[key] = values;
    if (values || isUnread) context.unknown.push(key);
    else if (!facts.isPartial) context.absent.push(key);
  };
  const isGuardrailOpen = guardrail !== undefined || unread.includes("guardrail") || isOpen;
  set(GUARDRAIL_KEY, identifier === undefined ? undefined : [identifier], isGuardrailOpen);
  set(
    SERVICE_TIER_KEY,
    serviceTier === undefined ? undefined : [serviceTier],
    unread.includes("service-tier") || isOpen,
  );
  set(TAG_KEYS, tags.length > 0 ? tags.map(({ key }) => key) : undefined, unread.includes("tags"));
  for (const { key, value } of tags) context.values[`aws:requesttag/${key.toLowerCase()}`] = [value];
  return context;
}

/**
 * A numeric version is appended to the ARN, but DRAFT isn't (Amazon Bedrock User Guide, "Enforce the use of specific
 * guardrails in model inference requests"). Returns undefined if the version is unknown.
 */
function guardrailIdentifier(arn: string, version: string | undefined): string | undefined {
  if (version === "DRAFT") return arn;
  return version !== undefined && /^\d+$/.test(version) ? `${arn}:${version}` : undefined;
}

/**
 * Returns the legs, each with the values that the call sets for its action. The actions that invoke a model are
 * evaluated with these keys (Service Authorization Reference, "Amazon Bedrock").
 */
export function withCallContext(legs: readonly AuthorizationLeg[], { values }: CallContext): AuthorizationLeg[] {
  const tagged = Object.fromEntries(Object.entries(values).filter(([key]) => key.startsWith("aws:")));
  return legs.map((leg) => {
    const own = INVOKE_ACTIONS.includes(leg.action) ? values : leg.action === "bedrock:TagResource" ? tagged : {};
    return Object.keys(own).length > 0 ? { ...leg, context: own } : leg;
  });
}
