import type { Pace } from "../src/policy/remedies/pace.js";

/** As long as it takes, without a turn of the event loop: time stands still. */
export const UNHURRIED: Pace = { now: () => 0, yieldToEventLoop: async () => {}, until: Number.POSITIVE_INFINITY };
