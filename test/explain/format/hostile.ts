import type { Diagnosis, Preflight } from "../../../src/index.js";

/** A diagnosis, and a preflight, in which every text that may come from outside is this one. */
export function diagnosisOfNothingBut(text: string): Diagnosis {
  const leg = { stage: "destination-model", action: text, resource: text, region: text } as never;
  const statements = [{ Sid: text, Effect: "Allow" as const, Action: text, Resource: [text, text] }];
  return {
    kind: "iam-denied",
    refusal: { raw: text, kind: "iam-denied" },
    operation: text,
    action: text,
    modelId: text,
    sourceRegion: text,
    blockedRegions: [text, text],
    principal: { arn: text, type: "assumed-role", name: text, sessionName: text, isComplete: false },
    policy: {
      type: "service-control-policy",
      arn: text,
      id: text,
      name: `${text}.`,
      level: text,
      denyKind: "explicit",
      statement: { index: 0, path: text, sid: text },
    },
    legs: (["allowed", "blocked", "unknown"] as const).map(
      (verdict) => ({ leg, verdict, because: text, evidence: [], contradictedBy: [text as never] }) as never,
    ),
    legsComplete: true,
    leftOut: [text as never],
    alternatives: [],
    evidence: [{ source: text as never, finding: {} as never, says: text, at: text, durationMs: 1 }],
    confidence: "certain",
    complete: true,
    summary: text,
    remedies: [
      {
        code: "approve-regions",
        who: "organization-administrator",
        title: text,
        steps: [text, text],
        breadth: "regions",
        policy: { policyType: "service-control-policy", change: "add-statements", statements },
        edits: [{ diff: [{ op: "add", path: text, value: text }] } as never],
        diff: text,
        links: [text, `https://docs.aws.amazon.com/${text}`, "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html"],
        confidence: "likely",
        verified: false,
      },
    ],
    fallback: {
      reason: "routing-denied",
      requested: { modelId: text, region: text },
      why: text,
      remembered: false,
      considered: [{ modelId: text, region: text, outcome: "denied", errorName: text } as never],
      dropped: [],
    },
  };
}

export function preflightOfNothingBut(text: string): Preflight {
  const { kind, refusal, fallback, confidence, ...rest } = diagnosisOfNothingBut(text);
  return { ...rest, verdict: "unknown" };
}
