import type { DiagnosisOptions } from "./options.js";
import type { CallFacts } from "./resolve/call-facts.js";
import { isGuardrailArn, isGuardrailId, isGuardrailProfileArn } from "./resolve/guardrail-arn.js";

const GUARDRAIL_ARN = 'the ARN of a guardrail, such as "arn:aws:bedrock:us-east-1:111122223333:guardrail/gr1abc"';

/** @throws TypeError that identifies the option, its value and what is allowed. */
export function guardrailArns(value: readonly string[] | undefined, path: string): readonly string[] | undefined {
  return value === undefined ? undefined : arns(value, path, isGuardrailArn, GUARDRAIL_ARN);
}

/** @throws TypeError that identifies the option, its value and what is allowed. */
export function guardrailProfiles(
  value: DiagnosisOptions["guardrailProfiles"],
  path: string,
): Readonly<Record<string, readonly string[]>> | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(path, value, "an object");
  const read: Record<string, readonly string[]> = Object.create(null);
  for (const [guardrail, profiles] of Object.entries(value)) {
    const at = `${path}[${JSON.stringify(guardrail)}]`;
    if (!isGuardrailId(guardrail) && !isGuardrailArn(guardrail)) {
      throw new TypeError(`${at} must be named by the ID or ARN of a guardrail.`);
    }
    read[guardrail] = arns(profiles, at, isGuardrailProfileArn, "the ARN of a guardrail profile in one Region");
  }
  return Object.freeze(read);
}

function arns(value: unknown, path: string, isRight: (arn: string) => boolean, what: string): readonly string[] {
  if (!Array.isArray(value)) throw wrong(path, value, "a list of ARNs");
  for (const [at, arn] of value.entries()) {
    if (typeof arn !== "string" || !isRight(arn)) throw wrong(`${path}[${at}]`, arn, what);
  }
  return Object.freeze([...value]);
}

/** What a question without a command states about the call. @throws TypeError that identifies the field */
export function resolveFacts({ guardrail, serviceTier }: { guardrail?: unknown; serviceTier?: unknown }): CallFacts {
  const { identifier, version } = (guardrail ?? {}) as { identifier?: unknown; version?: unknown };
  if (guardrail !== undefined && !isGuardrailName(identifier)) {
    throw wrong("guardrail.identifier", identifier, "the ID or ARN of a guardrail");
  }
  if (version !== undefined && !(typeof version === "string" && /^(\d{1,8}|DRAFT)$/.test(version))) {
    throw wrong("guardrail.version", version, 'a version, such as "1" or "DRAFT"');
  }
  if (serviceTier !== undefined && (typeof serviceTier !== "string" || serviceTier === "")) {
    throw wrong("serviceTier", serviceTier, 'a service tier, such as "priority"');
  }
  return {
    isPartial: true,
    ...(isGuardrailName(identifier)
      ? { guardrail: { identifier, ...(typeof version === "string" ? { version } : {}) } }
      : {}),
    ...(typeof serviceTier === "string" ? { serviceTier } : {}),
  };
}

const isGuardrailName = (text: unknown): text is string =>
  typeof text === "string" && (isGuardrailId(text) || isGuardrailArn(text));

function wrong(path: string, value: unknown, allowed: string): TypeError {
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : typeof value;
  return new TypeError(`${path} must be ${allowed}; it is ${Array.isArray(value) ? "an array" : text}.`);
}
