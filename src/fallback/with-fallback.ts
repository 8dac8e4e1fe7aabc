import { type Attempt, reportOf, type Way } from "../call/call.js";
import { parseCallError } from "../refusal/parse.js";
import { publishRefusal } from "../telemetry/events.js";
import { Allowance } from "./allowance.js";
import { whyNot } from "./candidates.js";
import { type Block, blockOf, blocksFor, recalledBlock } from "./denials.js";
import { unchanged } from "./memory.js";
import { noteDetour } from "./report.js";
import { tryCandidates } from "./try-candidates.js";

/** Sends a call through its profile, or around it, where its routing is denied or known to be. */
export async function withFallback(attempt: Attempt, way: Way): Promise<unknown> {
  const blocks = blocksFor(way);
  const { memory, key, blocked, shared } = blocks;
  const scope = () => allowanceOf(way).settle(() => way.ports.credentialsScope());
  const recall = shared && (() => recalledBlock(blocks, way));
  const turn = await memory.turn(key, scope, way.signal, recall);
  // If the way around is closed as well, the call itself has the last word.
  const before = turn.blocked ? await tryCandidates(attempt, way, turn.blocked, allowanceOf(way), true) : undefined;
  if (before && "output" in before) return before.output;
  // Waited for only if the call is denied.
  const sentWith = way.ports.credentialsScope().catch(() => undefined);
  const lift = (block: Block | undefined) => block?.isShared && shared?.lift(blocked, block.refusal);
  try {
    const output = await way.send(attempt, way.command);
    if (turn.blocked) memory.forget(key, turn.blocked);
    lift(turn.blocked ?? turn.answered());
    return output;
  } catch (error) {
    const refusal = parseCallError(error);
    const notTried = refusal === null ? undefined : whyNot(refusal, way.call);
    if (refusal === null || notTried !== undefined || turn.blocked) {
      if (!turn.blocked) turn.undecided();
      const report = before?.report ?? (notTried ? reportOf(way, { notTried }) : undefined);
      noteDetour(error, { ...(report ? { report } : {}), ...(before ? { cause: before.cause } : {}) });
      throw error;
    }
    const allowance = allowanceOf(way);
    const denied = await unchanged(
      allowance.settle(() => sentWith),
      scope,
    );
    const block = turn.refused(() => blockOf(refusal, blocks, way), denied);
    const tried = await tryCandidates(attempt, way, block, allowance, false);
    if ("output" in tried) {
      publishRefusal({ operation: way.call.operation, modelId: way.call.modelId, refusal });
      return tried.output;
    }
    // Nothing to remember: the next call may as well try the profile.
    if (tried.isHopeless) memory.forget(key, block);
    noteDetour(error, tried);
    throw error;
  }
}

/** What a denial may add to a call: as long as a diagnosis may take, for everything together. */
const allowanceOf = ({ context, signal }: Way) => new Allowance(context.options.diagnosis.timeoutMs, signal);
