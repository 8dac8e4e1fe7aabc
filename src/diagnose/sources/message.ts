import type { DenyKind, PolicyType } from "../../authorization.js";
import { defined } from "../../defined.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import type { Source } from "./source.js";

export type MessageFinding =
  | { code: "refusal-names-resource"; action: string; resource: string; policyType?: PolicyType; denyKind?: DenyKind }
  | { code: "refusal-names-no-resource"; kind: RefusalKind };

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

  verdictOn: (leg, { deniedLeg }) => (leg === deniedLeg ? { verdict: "blocked", isConclusive: true } : undefined),
};
