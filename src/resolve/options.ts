import type { ControlPlaneClient } from "../aws/clients.js";
import { type Check, mapOf, milliseconds, settings, withMethods, wrong } from "../check.js";
import { type CatalogData, catalogProblem } from "./catalog-format.js";
import { parseModelId } from "./model-id.js";
import type { KeyValueStore } from "./shared-store.js";

/**
 * How the inference profile behind a `modelId` is looked up. Unless `bareModels` is set, there is no lookup before the
 * first denial.
 */
export interface ResolveOptions {
  /**
   * How long a profile is cached, in milliseconds, from 0 to 86,400,000 (one day).
   * @default 3600000
   */
  cacheTtlMs?: number;
  /**
   * The client that calls GetInferenceProfile. The application owns it, and the library never destroys it.
   * @default a BedrockClient with the runtime client's Region, credentials and, if compatible, its handler and endpoint
   */
  client?: ControlPlaneClient;
  /**
   * Calls a bare model ID through an inference profile if it can't be called without one in the source Region. Without
   * this option, such a call fails with "on-demand throughput isn't supported". `geographic` uses the model's narrowest
   * geographic profile in that Region. `global` uses its global profile, which may process a request in any commercial
   * Region. An object maps bare model IDs to application inference profiles (ID or ARN). If a model ID can be called
   * directly, it is sent unchanged.
   * @default off
   */
  bareModels?: BareModels;
  /**
   * A newer catalog of inference profiles and models. It is used if the control plane doesn't answer. It is the content
   * of a file that `scripts/refresh-catalog.ts --out` wrote (docs/catalog.md), and is validated when the client is
   * created. It replaces the bundled catalog, which then isn't loaded. Every sentence that is based on it states its
   * date.
   * @default the catalog of this release
   */
  catalog?: CatalogData;
}

/** Which profile a bare model ID is sent through. See the option `resolve.bareModels`. */
export type BareModels = "geographic" | "global" | Readonly<Record<string, string>>;

/** Checks the options and fills in the defaults. */
export const resolveSettings = (value: ResolveOptions | undefined, path: string) =>
  settings(value, path, {
    cacheTtlMs: milliseconds(3_600_000, 86_400_000),
    client: withMethods<ControlPlaneClient>("a BedrockClient", "send"),
    bareModels,
    catalog: catalogCheck,
  });

/** Checks the store that is shared with other processes. */
export const keyValueStore: Check<KeyValueStore, KeyValueStore | undefined> = (value, path) =>
  withMethods<KeyValueStore>("a Keyv or another store", "get", "set", "delete")(value, path);

const bareModels: Check<BareModels, BareModels | undefined> = (value, path) => {
  if (value === undefined || value === "geographic" || value === "global") return value;
  if (typeof value === "object") return mapOf(applicationProfileArn)(value, path);
  const allowed = '"geographic", "global", or an object from model IDs to application inference profiles';
  throw wrong(path, value, allowed);
};

const applicationProfileArn: Check<string, string> = (id, path) => {
  if (typeof id === "string" && parseModelId(id).kind === "application-inference-profile") return id;
  throw wrong(path, id, "the ID or ARN of an application inference profile");
};

const catalogCheck: Check<CatalogData, CatalogData | undefined> = (value, path) => {
  const problem = value === undefined ? undefined : catalogProblem(value);
  if (problem) throw wrong(`${path}${problem.path}`, problem.value, problem.allowed);
  return value;
};
