import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import type { ControlPlaneClient } from "../options.js";
import { ProfileResolver } from "../resolve/resolve.js";
import { ControlPlane } from "./clients.js";
import { BedrockProfileSource } from "./inference-profiles.js";

/** What decides how a diagnosis reads; part of the resolved options. */
interface PortOptions {
  readonly diagnosis: { readonly timeoutMs: number };
  readonly resolve: { readonly cacheTtlMs: number; readonly client: ControlPlaneClient | undefined };
}

/** The real reads of one client: GetInferenceProfile, and the bundled catalog. Nothing is asked or constructed yet. */
export function diagnosisPorts(config: BedrockRuntimeClientResolvedConfig, options: PortOptions) {
  const controlPlane = new ControlPlane(config, options.resolve.client);
  const resolver = new ProfileResolver({
    source: new BedrockProfileSource(controlPlane),
    catalog: () => import("../resolve/known-profiles.js"),
    cacheTtlMs: options.resolve.cacheTtlMs,
    timeoutMs: options.diagnosis.timeoutMs,
  });
  return {
    resolveProfile: resolver.resolve.bind(resolver),
    catalog: () => import("../resolve/known-profiles.js"),
    destroy() {
      resolver.destroy();
      controlPlane.destroy();
    },
  };
}
