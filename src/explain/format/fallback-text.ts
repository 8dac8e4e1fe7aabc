import type { Consideration, FallbackReport, NotTried, PassedOver } from "../../fallback/report.js";
import { catalogOf, theCatalog } from "./catalog-text.js";

const NOT_TRIED: Record<NotTried, string> = {
  "not-a-profile": "The modelId isn't an inference profile, so the denial isn't about routing.",
  "operation-not-replayable": "This operation can't be sent again.",
  "body-not-replayable": "The request body is a stream, so the request can't be sent again.",
  "not-about-routing":
    "The denial isn't about a destination Region or global routing, so another target would be denied, too.",
  "not-this-profile":
    "The denied model isn't one of the inference profile's models in its destination Regions, so the call's routing wasn't denied.",
  "profile-unresolved":
    "The inference profile's models couldn't be determined, and no listed model could be called. Allow bedrock:GetInferenceProfile on the profile.",
  "vpc-endpoint-policy": "The policy of the VPC endpoint denied the call. The library doesn't bypass it.",
  "no-candidate": "No other target could be called.",
};

const PASSED_OVER: Record<Exclude<PassedOver, "unknown">, string> = {
  "profile-only": "can be called only through an inference profile in this Region",
  "end-of-life": "has reached its end of life",
  "not-found": "isn't offered in this Region",
  "endpoint-pinned": "can't be called, because the client's endpoint is fixed",
  "blocked-region": "is in the Region in which the call was denied",
  "guardrail-elsewhere": "can't use the call's guardrail, which is in the source Region",
  "client-not-ready":
    "can't be called: the client settings for this Region weren't available before the diagnosis deadline",
};

/** Returns why no fallback was tried, in one sentence. Undefined if one was. */
export function notTriedSentence({ notTried }: FallbackReport): string | undefined {
  return notTried && NOT_TRIED[notTried];
}

/** Returns the outcome of one candidate. */
export function considerationText(consideration: Consideration): string {
  const { outcome, errorName, knownFrom, asOf, lifecycle } = consideration;
  const catalog = knownFrom === "bundled-catalog" ? ` (${catalogOf(asOf)})` : "";
  const legacy = lifecycle === undefined ? "" : `, lifecycle ${lifecycle}`;
  switch (outcome) {
    case "passed-over":
      return `${passedOverText(consideration)}${catalog}`;
    case "denied":
      return `also denied: ${errorName}${catalog}${legacy}`;
    case "failed":
      return `failed: ${errorName}${catalog}${legacy}`;
    case "not-tried":
      return `not tried${catalog}${legacy}`;
    case "answered":
      return `answered${catalog}${legacy}`;
  }
}

function passedOverText({ reason, asOf }: Consideration): string {
  if (reason === undefined) return "skipped";
  if (reason !== "unknown") return PASSED_OVER[reason];
  const failed = "couldn't be looked up: GetFoundationModel didn't return it";
  return asOf === undefined ? failed : `${failed}, and ${theCatalog(asOf)} doesn't contain it`;
}
