import type { DenyKind, PolicyType } from "../../authorization.js";
import { defined } from "../../defined.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import { UNKNOWN_REGION } from "../diagnosed-call.js";
import type { Source } from "./source.js";

export type MessageFinding =
  | { code: "refusal-names-resource"; action: string; resource: string; policyType?: PolicyType; denyKind?: DenyKind }
  | { code: "refusal-names-no-resource"; kind: RefusalKind }
  /** Nothing shows the model ID or the client's Region, so this Region may be the client's or a destination Region. */
  | { code: "routing-not-shown"; region: string };

/** The error message of the denial. It identifies one denied leg, and shows nothing about the others. */
export const message: Source<"message", MessageFinding> = {
  name: "message",

  readQuestion({ refusal }, report) {
    if (refusal === undefined) return;
    const { kind, action, resource, policyType, denyKind } = refusal;
    const isIdentified = action !== undefined && resource !== undefined;
    report.finding(
      isIdentified
        ? { code: "refusal-names-resource", action, resource, ...defined({ policyType, denyKind }) }
        : { code: "refusal-names-no-resource", kind },
    );
  },

  readResults({ question: { call, isRecorded }, deniedLeg }, report) {
    const isShown = !isRecorded || call.modelId !== "" || call.sourceRegion !== UNKNOWN_REGION;
    if (isShown || deniedLeg?.stage !== "model") return;
    report.finding({ code: "routing-not-shown", region: deniedLeg.region });
  },

  verdictOn: (leg, { deniedLeg }) => (leg === deniedLeg ? { verdict: "blocked", isConclusive: true } : undefined),
};
