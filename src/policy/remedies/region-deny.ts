import { isNegated } from "../language/condition/condition.js";
import { REGION_KEY } from "../language/condition-keys.js";
import type { Statement } from "../language/document.js";

/** A Region that no list contains. */
const UNLISTED = "xx-unlisted-1";

/**
 * Returns Regions that a Deny exempts, as far as its conditions list them: those of an approved list, or one that isn't
 * denied.
 */
export function regionsApprovedBy({ conditions }: Statement): string[] {
  const regions = conditions.flatMap(({ key, operator, values }) => {
    if (key.toLowerCase() !== REGION_KEY) return [];
    return isNegated(operator) ? values.map((value) => value.replaceAll("*", "east").replaceAll("?", "e")) : [UNLISTED];
  });
  return [...new Set(regions)].slice(0, 40);
}
