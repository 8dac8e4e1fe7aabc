import type * as lookup from "./lookup.js";
import type * as preflight from "./preflight.js";

// Loaded by their first call, so that an application that never calls them doesn't load them.

/**
 * Returns whether a call would be authorized, leg by leg, without making it. The result is based on the provided
 * policies and the sources that you opt in to. For start-up and health checks. Never rejects because of a response from
 * AWS. What can't be determined is `unknown`, and `evidence` contains the reason.
 *
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export const diagnose: typeof preflight.diagnose = async (...args) =>
  (await import("./preflight.js")).diagnose(...args);

export const diagnoseCommand: typeof preflight.diagnoseCommand = async (...args) =>
  (await import("./preflight.js")).diagnoseCommand(...args);

/**
 * Looks up the inference profile behind a `modelId` as seen from the source Region. It calls GetInferenceProfile. If
 * that fails, it uses the bundled catalog. Never rejects because of a response from AWS. The result contains what is
 * known, its source, and why more isn't known.
 *
 * @param modelId a profile's ID or ARN. For any other kind of model, the result is `via: "none"`
 * @param with a client, whose Region, credentials, and cache are used, or a Region
 * @param options `timeoutMs`, 2000 by default. `abortSignal` ends the lookup at once
 * @throws TypeError if `with` contains neither
 */
export const resolveInferenceProfile: typeof lookup.resolveInferenceProfile = async (...args) =>
  (await import("./lookup.js")).resolveInferenceProfile(...args);
