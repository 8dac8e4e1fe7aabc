import type { CallFacts } from "./call-facts.js";
import type { AuthorizationLeg } from "./legs.js";
import type { ModelReference } from "./model-id.js";

/** What a call's input says about condition keys, in lower case. */
export interface CallContext {
  /** Values that the call sets for the actions that invoke a model. */
  values: Record<string, string[]>;
  /** Keys that the call doesn't set. */
  absent: string[];
  /** Keys that the call may set to a value that isn't known, or that is only known for some legs. */
  unknown: string[];
}

const GUARDRAIL = "bedrock:guardrailidentifier";
const SERVICE_TIER = "bedrock:servicetier";
const TAG_KEYS = "aws:tagkeys";

/** A saved prompt has settings of its own, such as a guardrail. */
const WITH_OWN_SETTINGS: ReadonlySet<ModelReference["kind"]> = new Set(["prompt"]);

/**
 * The condition keys of a call (Service Authorization Reference, "Amazon Bedrock"). Nothing is known without its input.
 *
 * A key that the request doesn't set is absent: Amazon Bedrock User Guide, "Enforce the use of specific guardrails in model
 * inference requests" and "Control access to service tiers"; IAM User Guide, "AWS global condition context keys".
 *
 * @param guardrailArn the ARN of the guardrail that the request includes, if it is known
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
  const identifier = guardrailArn === undefined ? undefined : identifierOf(guardrailArn, guardrail?.version);
  const set = (key: string, values: string[] | undefined, isUnread: boolean) => {
    if (values) context.values[key] = values;
    if (values || isUnread) context.unknown.push(key);
    else if (!facts.isPartial) context.absent.push(key);
  };
  const isGuardrailOpen = guardrail !== undefined || unread.includes("guardrail") || isOpen;
  set(GUARDRAIL, identifier === undefined ? undefined : [identifier], isGuardrailOpen);
  set(SERVICE_TIER, serviceTier === undefined ? undefined : [serviceTier], unread.includes("service-tier") || isOpen);
  set(TAG_KEYS, tags.length > 0 ? tags.map(({ key }) => key) : undefined, unread.includes("tags"));
  for (const { key, value } of tags) context.values[`aws:requesttag/${key.toLowerCase()}`] = [value];
  return context;
}

/**
 * A numeric version follows the ARN, DRAFT doesn't (Amazon Bedrock User Guide, "Enforce the use of specific guardrails in
 * model inference requests"). Undefined if the version isn't known.
 */
function identifierOf(arn: string, version: string | undefined): string | undefined {
  if (version === "DRAFT") return arn;
  return version !== undefined && /^\d+$/.test(version) ? `${arn}:${version}` : undefined;
}

/** The actions whose evaluation has these keys (Service Authorization Reference, "Amazon Bedrock"). */
const WITH_CALL_KEYS: ReadonlySet<string> = new Set(["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]);

/** The legs, each with the values that the call sets for its action. */
export function withCallContext(legs: readonly AuthorizationLeg[], { values }: CallContext): AuthorizationLeg[] {
  const tagged = Object.fromEntries(Object.entries(values).filter(([key]) => key.startsWith("aws:")));
  return legs.map((leg) => {
    const own = WITH_CALL_KEYS.has(leg.action) ? values : leg.action === "bedrock:TagResource" ? tagged : {};
    return Object.keys(own).length > 0 ? { ...leg, context: own } : leg;
  });
}
