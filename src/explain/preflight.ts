import type { Diagnosis } from "./diagnosis.js";
import { regionsOf } from "./format/call-words.js";
import { list } from "./format/words.js";

/** Whether a call would be authorized, from what that is known, and what to do. Plain data: it survives JSON unchanged. */
export interface Preflight extends Omit<Diagnosis, "kind" | "refusal" | "fallback" | "confidence"> {
  /**
   * `blocked` where a leg is; `allowed` where all legs are known and every one is allowed; else `unknown`. It is about
   * authorization: an account without access to the model is told in `summary` and `evidence`.
   */
  verdict: "allowed" | "blocked" | "unknown";
}

/** What a diagnosis without a refusal shows. Pure. */
export function preflightOf(diagnosis: Diagnosis): Preflight {
  const { kind, refusal, fallback, confidence, ...shown } = diagnosis;
  const verdict = verdictOf(diagnosis);
  return {
    ...shown,
    verdict,
    summary: [verdict === "blocked" ? shown.summary : summaryOf(diagnosis, verdict), ...troubles(diagnosis)].join(" "),
    remedies: verdict === "blocked" ? shown.remedies : [],
  };
}

function verdictOf({ legs, legsComplete }: Diagnosis): Preflight["verdict"] {
  if (legs.some(({ verdict }) => verdict === "blocked")) return "blocked";
  const isKnown = legsComplete && legs.length > 0 && legs.every(({ verdict }) => verdict === "allowed");
  return isKnown ? "allowed" : "unknown";
}

function summaryOf(diagnosis: Diagnosis, verdict: "allowed" | "unknown"): string {
  const { action, operation, modelId, sourceRegion, legs, legsComplete } = diagnosis;
  const what = `${action ?? operation} on ${modelId} from ${sourceRegion}`;
  if (verdict === "allowed") return `${what} is allowed, in ${list(regionsOf(diagnosis))}.`;
  const open = legs.filter((leg) => leg.verdict === "unknown");
  const destinations = legsComplete ? "" : ", and the profile's destinations are not known";
  const likely = [...new Set(open.filter((leg) => leg.likely?.verdict === "blocked").map(({ leg }) => leg.region))];
  const guess = likely.length > 0 ? ` Likely blocked: ${list(likely)}.` : "";
  return `Nothing is known to block ${what}, but ${open.length} of ${legs.length} legs are not known${destinations}.${guess}`;
}

/** What else stands in the way of a call, whoever may make it. */
function troubles({ evidence }: Diagnosis): string[] {
  return evidence.flatMap(({ finding, says }) => {
    if (finding.code === "profile-not-offered-here" || finding.code === "model-needs-profile") return [says];
    if (finding.code === "use-case-form" && !finding.isFilled) return [says];
    if (finding.code !== "model-access") return [];
    const { agreement, authorization, entitlement, region } = finding;
    const isGranted = [agreement, entitlement, region].every((each) => (each ?? "AVAILABLE") === "AVAILABLE");
    return isGranted && (authorization ?? "AUTHORIZED") === "AUTHORIZED" ? [] : [says];
  });
}
