import { lazily } from "../lazy.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { Send } from "./call.js";
import { couldBeDenial } from "./could-be-denial.js";

const parser = lazily(() => import("../refusal/parse.js"));

/** The innermost layer: the SDK's own `send`. An error that it throws becomes a result here, once. */
export const attempted: Send = async (call) => {
  try {
    return { output: await call.attempt(call.command, call.options) };
  } catch (error) {
    // INVARIANT: an error is parsed once, where it becomes a result.
    return { error, refusal: await parseDenial(error), sent: call };
  }
};

/** Returns the denial in an error of a call. Null for all other errors. Never rejects. */
const parseDenial = async (error: unknown): Promise<ParsedRefusal | null> =>
  couldBeDenial(error) ? parsePossibleDenial(error) : null;

/**
 * Returns the denial in an error that could be one. Null if it isn't, or if the parser can't be loaded. Never rejects.
 */
export async function parsePossibleDenial(error: unknown): Promise<ParsedRefusal | null> {
  return (await parser())?.parseCallError(error) ?? null;
}
