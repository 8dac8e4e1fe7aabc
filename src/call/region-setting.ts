import type { RegionSetting } from "../diagnose/diagnosed-call.js";

/**
 * The `region` of a client's configuration, or `sdk-default` if it had none. Undefined if that isn't known, because the
 * SDK replaces the setting of a client with a function of its own.
 */
export type ConfiguredRegion = string | (() => Promise<string>) | "sdk-default" | undefined;

/**
 * Returns the setting that a client's Region comes from. If there is none in the configuration or in `AWS_REGION`, the
 * SDK reads a profile or the instance metadata, and doesn't report which.
 */
export function regionSetting(configured: ConfiguredRegion, region: string): RegionSetting | undefined {
  if (configured === region || typeof configured === "function") return "client";
  return configured === "sdk-default" && process.env.AWS_REGION === region ? "AWS_REGION" : undefined;
}
