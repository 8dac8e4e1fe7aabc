import type { AsyncInvocations } from "./async-invocations.js";
import type { StreamFault } from "./event-stream.js";
import type { Route } from "./operations.js";
import type { RecordedRequest } from "./recorded-request.js";
import type { KindDenial, LegDenial } from "./refusals.js";
import type { DataRetention } from "./retention-settings.js";
import type { Scripted } from "./scripted.js";
import type { SimulatedBedrockOptions } from "./simulated-bedrock-options.js";
import type { VirtualCatalog } from "./virtual-catalog.js";
import type { VirtualGuardrails } from "./virtual-guardrails.js";
import type { Authorizer } from "./virtual-organization.js";

/** One request to Bedrock's runtime or control plane. */
export interface SimulatedCall {
  route: Route;
  query: URLSearchParams;
  /** The parsed JSON, or undefined if the body isn't JSON. */
  body: unknown;
  sourceRegion: string;
  /** The caller's account. */
  accountId: string;
  authorizer: Authorizer;
  /** The record to which the evaluation is added. */
  recorded: RecordedRequest;
  streamFault: StreamFault | undefined;
}

/** The parts of a simulated Bedrock. */
export interface World {
  catalog: VirtualCatalog;
  guardrails: VirtualGuardrails;
  asyncInvocations: AsyncInvocations;
  dataRetention: DataRetention;
  legDenials: Scripted<LegDenial>;
  kindDenials: Scripted<KindDenial>;
  isUseCaseFilled: boolean;
  /** Whether the error for an unknown ID explains how to add it. */
  hasHints: boolean;
  reply: NonNullable<SimulatedBedrockOptions["reply"]>;
}
