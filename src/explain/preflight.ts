import { isModelLeg } from "../authorization.js";
import type { Diagnosis, Explained, LeftOut } from "../diagnosis.js";
import { leftOutText, regionText } from "./format/call-text.js";
import { list } from "./format/phrases.js";
import { fromSource } from "./format/region-text.js";
import { disagreement } from "./format/summary.js";

/**
 * Whether a call would be authorized, the evidence for it, and how to fix it. Plain data: it can be converted to JSON
 * and back.
 */
export interface Preflight extends Omit<Diagnosis, "kind" | "refusal" | "fallback" | "confidence"> {
  /**
   * `blocked` if a leg is blocked. `allowed` if all legs are known and allowed, the sources agree, and `leftOut` is
   * empty. Otherwise `unknown`. The verdict is only about authorization. If the account doesn't have access to the
   * model, `summary` and `evidence` report it.
   */
  verdict: "allowed" | "blocked" | "unknown";
}

/**
 * Converts a diagnosis without an error into a preflight. Pure.
 *
 * @param more what else wasn't checked
 */
export function preflightOf(diagnosis: Explained, more: readonly LeftOut[]): Preflight {
  const leftOut = [...diagnosis.leftOut, ...more];
  const { kind, refusal, fallback, confidence, search, ...shown } = diagnosis;
  const verdict = preflightVerdict(diagnosis, leftOut);
  const said =
    verdict === "blocked"
      ? [shown.summary]
      : [preflightSummary(diagnosis, verdict, leftOut), ...disagreement(diagnosis)];
  const cut = diagnosis.complete ? "" : "The preflight ended before every source had returned a result.";
  return {
    ...shown,
    verdict,
    leftOut,
    summary: [...said, ...otherProblems(diagnosis), cut].filter((each) => each).join("\n"),
    remedies: verdict === "blocked" ? shown.remedies : [],
    ...(search && verdict === "blocked" ? { search } : {}),
  };
}

function preflightVerdict({ legs, legsComplete, evidence }: Explained, leftOut: LeftOut[]): Preflight["verdict"] {
  if (legs.some(({ verdict }) => verdict === "blocked")) return "blocked";
  const isRefused = evidence.some(({ finding }) => finding.code === "probe-denied");
  const isSure = legs.every(({ verdict, contradictedBy }) => verdict === "allowed" && contradictedBy === undefined);
  return legsComplete && legs.length > 0 && isSure && leftOut.length === 0 && !isRefused ? "allowed" : "unknown";
}

function preflightSummary(diagnosis: Explained, verdict: "allowed" | "unknown", leftOut: LeftOut[]): string {
  const modelsOnly = diagnosis.evidence.find(({ finding }) => finding.code === "takes-foundation-models-only");
  if (modelsOnly) return modelsOnly.says;
  const { action, operation, modelId, legs, legsComplete, profile } = diagnosis;
  const what = `${action ?? operation}${modelId ? ` on ${modelId}` : ""}${fromSource(diagnosis)}`;
  if (verdict === "allowed") return `${what} is allowed, in ${regionText(diagnosis)}.`;
  if (legs.length === 0)
    return isProfileAbsent(diagnosis)
      ? `${what} can't succeed, because the inference profile doesn't exist in this Region.`
      : `It is unknown which authorization legs ${what} has.`;
  const isRouted = legs.some(({ leg }) => leg.stage === "profile");
  const open = legs.filter((leg) => leg.verdict === "unknown");
  const but = [
    ...(open.length > 0 ? [`${open.length} of ${legs.length} legs ${open.length > 1 ? "are" : "is"} unknown`] : []),
    ...(legsComplete
      ? []
      : [isRouted && !profile ? "the profile's destination Regions are unknown" : "there might be more legs"]),
    ...(leftOut.length > 0 ? [leftOutText(leftOut)] : []),
  ];
  const known =
    open.length < legs.length ? `All known legs of ${what} are allowed` : `No source reports that ${what} is denied`;
  const likelyBlocked = open.filter(({ leg, likely }) => likely?.verdict === "blocked" && isModelLeg(leg));
  const likely = [...new Set(likelyBlocked.map(({ leg }) => leg.region))];
  const guess = likely.length > 0 ? ` Likely denied in ${list(likely)}.` : "";
  return `${known}${but.length > 0 ? `, but ${list(but)}` : ""}.${guess}`;
}

/** Reasons other than permissions why the call would fail. */
function otherProblems({ evidence }: Explained): string[] {
  return evidence.flatMap(({ finding, says }) => {
    switch (finding.code) {
      case "profile-not-offered-here":
      case "model-needs-profile":
      case "model-not-found":
      case "probe-denied":
        return [says];
      case "profile-unresolved":
        return finding.failure?.reason === "not-found" ? [says] : [];
      case "use-case-form":
        return finding.isFilled ? [] : [says];
      case "model-access": {
        const { agreement, authorization, entitlement, region } = finding;
        const isGranted = [agreement, entitlement, region].every((each) => (each ?? "AVAILABLE") === "AVAILABLE");
        return isGranted && (authorization ?? "AUTHORIZED") === "AUTHORIZED" ? [] : [says];
      }
      default:
        return [];
    }
  });
}

const isProfileAbsent = ({ evidence }: Explained) =>
  evidence.some(({ finding }) => finding.code === "profile-unresolved" && finding.failure?.reason === "not-found");
