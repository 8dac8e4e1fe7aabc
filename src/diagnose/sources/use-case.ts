import { modelIdOfReference } from "../diagnosed-call.js";
import type { Source } from "./source.js";

export type UseCaseFinding = { code: "use-case-form"; isFilled: boolean };

/** Whether the account submitted the use case form for Anthropic models, from GetUseCaseForModelAccess. */
export const useCase: Source<"foundation-model", UseCaseFinding> = {
  name: "foundation-model",

  appliesTo({ call, preflight, refusal }) {
    const isAnthropics = modelIdOfReference(call.reference)?.startsWith("anthropic.") === true;
    const mayLackForm = preflight === true || refusal?.kind === "model-access-not-granted";
    return refusal?.kind === "use-case-form" || (mayLackForm && isAnthropics);
  },

  async read({ question: { call }, ports, signal }, report) {
    report.finding({ code: "use-case-form", isFilled: await ports.isUseCaseFilled(call.sourceRegion, signal) });
  },
};
