import { onDemandAvailability } from "../../resolve/model-availability.js";
import { modelIdOfReference, takesModelsOnly } from "../diagnosed-call.js";
import { findAlternatives, type ListedProfiles } from "./alternatives.js";
import type { Source } from "./source.js";

export type OnDemandFinding =
  /** The model can't be called by its bare ID in the source Region. */
  | ({ code: "model-needs-profile"; modelId: string } & ListedProfiles)
  /** The model doesn't exist in the source Region. */
  | { code: "model-not-found"; modelId: string };

/** Whether a bare model can be called in the source Region without an inference profile, from GetFoundationModel. */
export const onDemand: Source<"foundation-model", OnDemandFinding> = {
  name: "foundation-model",

  appliesTo: ({ call, preflight }) =>
    preflight === true && call.reference.kind === "foundation-model" && !takesModelsOnly(call),

  async read({ question, ports, signal }, report) {
    const { reference, sourceRegion } = question.call;
    const modelId = modelIdOfReference(reference) ?? reference.id;
    const { model, failure } = await ports.resolveModel(modelId, sourceRegion, signal);
    if (failure?.reason === "timeout") report.incomplete();
    if (failure?.reason === "not-found") report.finding({ code: "model-not-found", modelId });
    if (model === undefined || onDemandAvailability(model, Date.now()) !== "profile-only") return;
    const { finding, complete } = await findAlternatives(question, ports, signal);
    if (!complete) report.incomplete();
    if (finding.code === "profiles-of-model") report.finding({ ...finding, code: "model-needs-profile" });
  },
};
