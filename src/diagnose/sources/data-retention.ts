import { modelIdOfReference } from "../diagnosed-call.js";
import type { Source } from "./source.js";

/** The mode applies to the whole account in this Region. */
export type DataRetentionFinding = { code: "data-retention-mode"; mode: string; region: string };

/** The account's data retention mode, from GetAccountDataRetention. */
export const dataRetention: Source<"foundation-model", DataRetentionFinding> = {
  name: "foundation-model",

  appliesTo: ({ call, preflight, refusal }) =>
    refusal?.kind === "data-retention" || (preflight === true && modelIdOfReference(call.reference) !== undefined),

  async read({ question: { call }, ports, signal }, report) {
    const region = call.sourceRegion;
    report.finding({ code: "data-retention-mode", mode: await ports.dataRetentionMode(region, signal), region });
  },
};
