import type { AuthorizationLeg } from "../authorization.js";
import { defined } from "../defined.js";
import { denialOf } from "./authorization.js";
import type { SimulatedCall, World } from "./call.js";
import { invalid, invalidField, isObject, jsonResponse, malformed } from "./responses.js";
import type { FoundGuardrail } from "./virtual-guardrails.js";

/**
 * Returns the denial of a guardrail that the caller isn't allowed to apply (Amazon Bedrock User Guide, "Using
 * resource-based policies for guardrails" and "Permissions for using cross-Region inference with Amazon Bedrock
 * Guardrails"). The guardrail is authorized and, for a cross-Region guardrail, its profile in each destination Region.
 * If the guardrail belongs to another account, its resource-based policy must also allow the caller.
 */
export function guardrailDenialOf(guardrail: FoundGuardrail, call: SimulatedCall, world: World): Response | undefined {
  const isOwn = guardrail.accountId === call.accountId;
  const leg = (stage: AuthorizationLeg["stage"], resource: string, region: string): AuthorizationLeg => ({
    stage,
    action: "bedrock:ApplyGuardrail",
    resource,
    region,
  });
  const { arn, profile, resourceLayer } = guardrail;
  const own = denialOf([leg("guardrail", arn, call.sourceRegion)], call, world, {
    layers: isOwn ? [] : [resourceLayer],
  });
  if (own || profile === undefined) return own;
  const legs = profile.arns.map((each) => leg("guardrail-profile", each.arn, each.region));
  return denialOf(legs, call, world, { layers: isOwn ? [] : [profile.resourceLayer] });
}

/** Returns the identifier and version of the guardrail that a request includes. */
export function requestedGuardrail({
  body,
  recorded: { headers },
}: SimulatedCall): { id: string; version?: string } | undefined {
  const config = isObject(body) && isObject(body.guardrailConfig) ? body.guardrailConfig : undefined;
  const id = config?.guardrailIdentifier ?? headers["x-amzn-bedrock-guardrailidentifier"];
  const version = config?.guardrailVersion ?? headers["x-amzn-bedrock-guardrailversion"];
  if (typeof id !== "string" || id === "") return undefined;
  return defined({ id, version: typeof version === "string" ? version : undefined });
}

/**
 * Returns the value of `bedrock:GuardrailIdentifier` (Amazon Bedrock User Guide, "Enforce the use of specific
 * guardrails in model inference requests"). A numeric version is appended to the ARN, but DRAFT isn't.
 */
export function guardrailContext(arn: string, version: string | undefined): Map<string, string[]> {
  const isNumeric = version !== undefined && /^\d+$/.test(version);
  return new Map([["bedrock:guardrailidentifier", [isNumeric ? `${arn}:${version}` : arn]]]);
}

export const unknownGuardrail = () =>
  invalid("The guardrail identifier or version provided in the request does not exist.");

/** Answers ApplyGuardrail, which assesses a text without a model. */
export function answerApplyGuardrail(call: SimulatedCall, world: World): Response {
  const { route, body } = call;
  const found = world.guardrails.find(route.id, route.version, call);
  const denial = guardrailDenialOf(found, call, world);
  if (denial) return denial;
  if (!found.exists) return unknownGuardrail();
  if (!isObject(body)) return malformed();
  const { source, content } = body;
  if (source !== "INPUT" && source !== "OUTPUT")
    return invalidField("source", "satisfy enum value set: [INPUT, OUTPUT]");
  if (!Array.isArray(content) || content.length === 0)
    return invalidField("content", "have length greater than or equal to 1");
  const text = content.map((block) => contentText(block)).join("\n");
  const isBlocked = found.blocks(text, source);
  const units = Math.max(1, Math.ceil(text.length / 1_000));
  return jsonResponse({
    usage: {
      topicPolicyUnits: units,
      contentPolicyUnits: units,
      wordPolicyUnits: units,
      sensitiveInformationPolicyUnits: units,
      sensitiveInformationPolicyFreeUnits: units,
      contextualGroundingPolicyUnits: 0,
    },
    action: isBlocked ? "GUARDRAIL_INTERVENED" : "NONE",
    actionReason: isBlocked ? "Guardrail blocked." : undefined,
    outputs: isBlocked ? [{ text: found.blockedMessage }] : [],
    assessments: [{}],
    guardrailCoverage: { textCharacters: { guarded: text.length, total: text.length } },
  });
}

/** Returns the text of a content block: `{ text: { text } }` in ApplyGuardrail, `{ text }` in Converse. */
export function contentText(block: unknown): string {
  const text = isObject(block) ? block.text : undefined;
  if (typeof text === "string") return text;
  return isObject(text) && typeof text.text === "string" ? text.text : "";
}

/** Answers ListEnforcedGuardrailsConfiguration with the guardrails that the account enforces. */
export function answerEnforcedGuardrails(call: SimulatedCall, world: World): Response {
  const leg = { stage: "model", action: "bedrock:ListEnforcedGuardrailsConfiguration", resource: "*" } as const;
  const denial = denialOf([{ ...leg, region: call.sourceRegion }], call, world);
  if (denial) return denial;
  const own = world.guardrails.enforced(call).filter(({ enforcedBy }) => enforcedBy === "account");
  return jsonResponse({
    guardrailsConfig: own.map(({ arn, version }) => ({
      configId: arn.slice(arn.lastIndexOf("/") + 1),
      guardrailArn: arn,
      guardrailId: arn.slice(arn.lastIndexOf("/") + 1),
      guardrailVersion: version ?? "1",
      owner: "ACCOUNT",
    })),
  });
}
