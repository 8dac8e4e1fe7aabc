import type { Consideration, FallbackReport, NotTried, PassedOver } from "../../fallback/report.js";

const NOT_TRIED: Record<NotTried, string> = {
  "not-a-profile": "The modelId names no inference profile, so no routing was refused.",
  "operation-not-replayable": "This operation is not sent again.",
  "body-not-replayable": "The request body is a stream, so the request can't be sent again.",
  "not-about-routing":
    "The refusal is not about a destination Region or global routing; another way would meet it too.",
  "not-this-profile":
    "The denied model isn't one of the inference profile's models in its destination Regions, so the call's routing wasn't denied.",
  "profile-unresolved":
    "The inference profile's models couldn't be determined, and no listed model could be called. Allow bedrock:GetInferenceProfile on the profile.",
  "vpc-endpoint-policy": "The VPC endpoint's policy decided; the library takes no way around it.",
  "no-candidate": "Nothing else could be called.",
};

const PASSED_OVER: Record<PassedOver, string> = {
  "profile-only": "can only be called through an inference profile here",
  "end-of-life": "has reached the end of its life",
  "not-found": "does not exist here",
  unknown: "cannot be looked up: bedrock:GetFoundationModel did not answer, and the bundled catalog does not know it",
  "endpoint-pinned": "cannot be reached: the client's endpoint is fixed",
  "blocked-region": "is in the Region that was just refused",
  "guardrail-elsewhere": "would lose the call's guardrail, which is in the source Region",
  "client-not-ready":
    "can't be called: the client settings for this Region weren't available before the diagnosis deadline",
};

/** Why no fallback was tried, in one sentence; undefined where one was. */
export function notTriedSentence({ notTried }: FallbackReport): string | undefined {
  return notTried && NOT_TRIED[notTried];
}

/** What came of one candidate. */
export function considerationWords({ outcome, reason, errorName, knownFrom, asOf, lifecycle }: Consideration): string {
  const catalog = knownFrom === "bundled-catalog" ? ` (by the bundled catalog of ${asOf})` : "";
  const legacy = lifecycle === undefined ? "" : `; its lifecycle is ${lifecycle}`;
  switch (outcome) {
    case "passed-over":
      return `${reason ? PASSED_OVER[reason] : "passed over"}${catalog}`;
    case "refused":
      return `refused too: ${errorName}${catalog}${legacy}`;
    case "failed":
      return `failed: ${errorName}${catalog}${legacy}`;
    case "not-tried":
      return `not tried${catalog}${legacy}`;
    case "answered":
      return `answered${catalog}${legacy}`;
  }
}
