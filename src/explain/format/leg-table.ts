import { lastSegment } from "../../arn.js";
import type { LegStage } from "../../authorization.js";
import type { Diagnosis, EvidenceSource, LegVerdict } from "../../diagnosis.js";
import type { Preflight } from "../preflight.js";
import type { Block, Cell, Mark } from "./blocks.js";
import { list, namedPolicy, policyName } from "./phrases.js";
import { sourceName } from "./source-words.js";

export const VERDICT: Record<Mark, string> = { allowed: "allowed", blocked: "BLOCKED", unknown: "unknown" };

/** Returns the legs of a call: where, what is authorized, the verdict, and by what. */
export function legTable(diagnosis: Diagnosis | Preflight): Block {
  const { legs } = diagnosis;
  const rows = legs.map(({ leg }) => `${leg.region} ${whatOf(leg)}`);
  return {
    type: "table",
    of: "list",
    header: ["Region", "What is authorized", "Verdict", "By"],
    rows: legs.map((verdict, at): Cell[] => {
      const { leg } = verdict;
      // A profile can have several models.
      const isOnly = rows.indexOf(rows[at] ?? "") === rows.lastIndexOf(rows[at] ?? "");
      const by = [isOnly ? "" : lastSegment(leg.resource), byOf(verdict, diagnosis)].filter((part) => part).join(": ");
      const region = leg.region === "unspecified" ? "(global)" : leg.region;
      return [region, whatOf(leg), { mark: verdict.verdict, text: VERDICT[verdict.verdict] }, by];
    }),
  };
}

/** The rest of what a call needs is described by its action. */
const WHAT: Partial<Record<LegStage, string>> = {
  profile: "inference profile",
  "source-model": "model, source",
  "destination-model": "model, destination",
  "global-model": "model, global",
  model: "model",
  guardrail: "guardrail",
  "guardrail-profile": "guardrail profile",
  "system-tool": "system tool",
};

/** A diagnosis from another process may contain other stages. */
export const whatOf = ({ stage, action }: LegVerdict["leg"]): string =>
  (Object.hasOwn(WHAT, stage) ? WHAT[stage] : action) ?? stage;

/** Returns the policy or the source that decides. For an unknown leg, returns the guess. */
function byOf(verdict: LegVerdict, { policy }: Diagnosis | Preflight): string {
  const { likely, contradictedBy = [], evidence } = verdict;
  const parts = [
    decidedBy(verdict, evidence.includes("message") ? policy : undefined),
    likely && `likely ${likely.verdict} (${shortName(likely.source)})`,
    contradictedBy.length > 0 && `contradicted by ${list(contradictedBy.map(sourceName))}`,
  ];
  return parts.filter((part) => part).join("; ");
}

function decidedBy({ verdict, decidedBy, evidence }: LegVerdict, named: Diagnosis["policy"]): string {
  if (verdict === "unknown") return "";
  if (verdict === "blocked" && decidedBy) {
    const { policyType, policyName: name, level, sid, denyKind } = decidedBy;
    const where = `${level === undefined ? "" : ` (level ${level})`}${sid === undefined ? "" : `, Sid ${sid}`}`;
    if (denyKind !== "explicit") return `no ${policyName(policyType)}${where}`;
    return `${policyName(policyType)}${name === undefined ? "" : ` ${name}`}${where}`;
  }
  if (verdict === "blocked" && named) {
    return named.denyKind === "implicit" ? `no ${policyName(named.type)}` : namedPolicy(named);
  }
  return list(evidence.map(shortName));
}

const shortName = (source: EvidenceSource) => sourceName(source).replace(/^the /, "");
