import type { RefusalKind } from "../../refusal/kinds.js";
import { modelIdOfReference } from "../diagnosed-call.js";
import type { ModelAccess } from "../ports.js";
import { isAboutPermissions } from "../question.js";
import type { Source } from "./source.js";

export type ModelAccessFinding = { code: "model-access"; modelId: string; isGovCloud?: boolean } & ModelAccess;

/** The account's access to the model, from GetFoundationModelAvailability. */
export const modelAccess: Source<"foundation-model", ModelAccessFinding, ModelAccess> = {
  name: "foundation-model",

  appliesTo(question, { probe }) {
    if (modelIdOfReference(question.call.reference) === undefined) return false;
    // The account's access shows whether a probe might start a subscription.
    if (question.preflight || (probe !== undefined && isAboutPermissions(question))) return true;
    return ACCESS_KINDS.has(question.refusal.kind);
  },

  async read({ question: { call }, ports, signal }, report) {
    const { reference, sourceRegion } = call;
    const modelId = modelIdOfReference(reference) ?? reference.id;
    const access = await ports.modelAccess(modelId, sourceRegion, signal);
    report.result(access);
    // In GovCloud Regions, the agreement is made elsewhere (Amazon Bedrock User Guide, "Regional availability by
    // models").
    const isGovCloud = sourceRegion.startsWith("us-gov-");
    report.finding({ code: "model-access", modelId, ...access, ...(isGovCloud ? { isGovCloud } : {}) });
  },
};

/** Denials of the account's access to a model. The service reports more about that access than its message does. */
const ACCESS_KINDS: ReadonlySet<RefusalKind> = new Set([
  "model-access-not-granted",
  "marketplace-permission",
  "marketplace-pending",
  "marketplace-payment",
]);
