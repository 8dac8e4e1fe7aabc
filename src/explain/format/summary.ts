import { isModelLeg } from "../../authorization.js";
import type { Conclusion } from "../../diagnosis.js";
import { printable } from "../../printable.js";
import { generalSummary } from "./general-summary.js";
import { list } from "./phrases.js";
import { policySummary } from "./policy-summary.js";
import { targetHint, targetSummary } from "./target-text.js";

/**
 * Returns the first lines of an error message: what was denied, where, and by what, then who does what, then what else
 * is known. Outside text can't add a line.
 */
export function diagnosisSummary(conclusion: Conclusion): string {
  return summaryLines(conclusion).map(printable).join("\n");
}

function summaryLines(conclusion: Conclusion): string[] {
  const ofTarget = targetSummary(conclusion);
  if (ofTarget) return ofTarget;
  const lines = policySummary(conclusion) ?? generalSummary(conclusion);
  return [...lines, ...targetHint(conclusion), ...likelyToo(conclusion), ...disagreement(conclusion)];
}

/** Returns the guesses, marked as such. They aren't in any list of blocked Regions. */
function likelyToo({ legs, blockedRegions }: Conclusion): string[] {
  const guessed = legs.filter(({ leg, likely }) => likely?.verdict === "blocked" && isModelLeg(leg));
  const likely = guessed.map(({ leg }) => leg.region);
  const blocked = new Set(blockedRegions);
  const regions = [...new Set(likely)].filter((region) => !blocked.has(region));
  return regions.length > 0 ? [`Likely also denied: ${list(regions)}.`] : [];
}

/** Returns the Regions for which sources that are sure report different verdicts. */
export function disagreement({ legs }: Pick<Conclusion, "legs">): string[] {
  const disputed = legs.filter(({ contradictedBy }) => contradictedBy !== undefined).map(({ leg }) => leg.region);
  return disputed.length > 0 ? [`The sources disagree about ${list([...new Set(disputed)])}. See the evidence.`] : [];
}
