import { DIAGNOSED_MARKER } from "../diagnosed-marker.js";
import { DENIED_NAMES, isOtherFailure, nameKey } from "../refusal/error-names.js";
import { fieldOf, visitTexts } from "../refusal/wrapped.js";

/**
 * Whether an error of a call could be a denial, by its names and HTTP statuses and those of the errors that it wraps.
 * The parser is loaded only if it could. Never throws.
 *
 * INVARIANT: true for every error in which `parseCallError` finds a denial. Throttling, other failures with AWS's own
 * names, server errors, and exceptions inside an answered stream aren't denials.
 */
export function couldBeDenial(error: unknown): boolean {
  if (fieldOf(error, DIAGNOSED_MARKER) === true) return true;
  let could = false;
  visitTexts(error, ({ name, status }) => {
    if (name !== undefined && isOtherFailure(name)) return "enough";
    could = isPossible(name, status);
    return could ? "enough" : "go on";
  });
  return could;
}

/**
 * AWS also denies under names and statuses that have other meanings, in fixed sentences, but never with a server error.
 */
function isPossible(name: string | undefined, status: number | undefined): boolean {
  if (status === undefined) return true;
  if (status < 300) return false;
  return status < 500 || (name !== undefined && DENIED_NAMES.has(nameKey(name)));
}
