import { areGuardrailsEnforcedOn } from "../../resolve/guardrail-needs.js";
import type { Source } from "./source.js";

export type ApplicationFinding =
  /**
   * The enforced guardrails that the application stated. If the list is empty, it stated that no guardrail is enforced.
   */
  | { code: "enforced-guardrails"; guardrailArns: string[] }
  /**
   * The application stated the guardrail profile of a guardrail. If there are no ARNs, it stated that there is none.
   */
  | { code: "guardrail-profiles"; guardrail: string; profileArns: string[] };

/** What the application states about guardrails, as far as this call depends on it. */
export const application: Source<"application", ApplicationFinding> = {
  name: "application",

  readResults({ question: { call }, planned }, report) {
    const { enforcedGuardrails, guardrailProfiles = {} } = call;
    if (enforcedGuardrails !== undefined && areGuardrailsEnforcedOn(call.operation)) {
      report.finding({ code: "enforced-guardrails", guardrailArns: [...enforcedGuardrails] });
    }
    for (const [guardrail, profileArns] of Object.entries(guardrailProfiles)) {
      const isSent = planned.some(
        ({ stage, resource }) => stage === "guardrail" && `/${resource}`.endsWith(`/${guardrail}`),
      );
      if (isSent) report.finding({ code: "guardrail-profiles", guardrail, profileArns: [...profileArns] });
    }
  },
};
