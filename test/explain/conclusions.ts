import { conclude } from "../../src/diagnose/conclude.js";
import type { DiagnosedCall } from "../../src/diagnose/diagnosed-call.js";
import type { BareEvidence, Diagnosis, Finding } from "../../src/diagnosis.js";
import { explain } from "../../src/explain/explain.js";
import { compilePolicies, type PolicySetInput } from "../../src/policy/evaluation/policy-set.js";
import type { RefusalKind } from "../../src/refusal/kinds.js";
import { type ParsedRefusal, parseRefusal } from "../../src/refusal/parse.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import { gatheredWith, type Returned } from "../diagnose/gathered.js";
import { UNHURRIED } from "../pace.js";

export const CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0";
export const NOVA = "amazon.nova-pro-v1:0";

/** A denied call, with what is different from an AccessDeniedException of Converse through a US profile in us-east-1. */
export interface Denied extends Partial<Omit<DiagnosedCall, "reference">> {
  /** The kind that a refusal without any sentence has. */
  kindOnly?: RefusalKind;
  errorName?: string;
  status?: number;
  requestId?: string;
  findings?: Finding[];
  gathered?: Returned;
  /** The policies that the application provides. */
  policies?: PolicySetInput;
}

/** Reads a message, and explains it as a diagnosis without any lookup would. */
export async function diagnosisOf(message: string, denied: Denied = {}): Promise<Diagnosis> {
  const { errorName = "AccessDeniedException", status = 403, requestId = "0b1c2d3e-0000", ...rest } = denied;
  const { findings = [], gathered = {}, modelId = `us.${CLAUDE}`, kindOnly, policies, ...given } = rest;
  const error = { name: errorName, message, $metadata: { httpStatusCode: status, requestId } };
  const refusal: ParsedRefusal = kindOnly ? { raw: "", kind: kindOnly } : (parseRefusal(error) as ParsedRefusal);
  const evidence = findings.map((finding): BareEvidence => ({ source: "profile", finding, at: AT, durationMs: 0 }));
  const call: DiagnosedCall = {
    operation: "Converse",
    sourceRegion: "us-east-1",
    ...given,
    modelId,
    reference: parseModelId(modelId),
  };
  const provided = policies === undefined ? undefined : compilePolicies(policies, "policies");
  return explain(conclude({ call, refusal, policies: provided }, gatheredWith({ ...gathered, evidence })), UNHURRIED);
}

const AT = "2026-11-25T10:00:00.000Z";
