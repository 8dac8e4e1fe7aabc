import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { untilAborted } from "../abort.js";
import type { DiagnosedCall } from "../diagnose/diagnosed-call.js";
import { once } from "../lazy.js";
import type { ResolvedOptions } from "../options.js";
import type { CatalogData } from "../resolve/catalog-format.js";
import { type KnownModels, ModelResolver } from "../resolve/foundation-models.js";
import type { ProfileCatalog } from "../resolve/profile-catalog.js";
import { ProfileResolver } from "../resolve/resolve.js";
import { SharedStore } from "../resolve/shared-store.js";
import { bedrockClients } from "./bedrock-clients.js";
import { SdkClients } from "./clients.js";
import { CallerCredentials, isBearer } from "./credentials.js";
import { BedrockModelSource } from "./foundation-models.js";
import { IdentityReader } from "./identity.js";
import { BedrockProfileSource } from "./inference-profiles.js";
import { ModelAccessReader } from "./model-access.js";
import { OrganizationReader } from "./organization.js";
import { Prober } from "./probe.js";
import { isEndpointPinned, type SendCommand, sendingOnce, siblingIn } from "./siblings.js";
import { LONGEST_LOOKUP_MS } from "./source-cache.js";

/**
 * Returns everything that makes requests on behalf of one client: Bedrock's control plane, the bundled catalog, STS,
 * IAM, AWS Organizations, the client's credentials, and clients with the same settings in other Regions. Nothing is
 * constructed or requested yet.
 */
export function portsOf(
  client: BedrockRuntimeClient,
  options: Pick<ResolvedOptions, "diagnosis" | "resolve" | "store">,
) {
  const controlPlane = bedrockClients(client.config, options.resolve.client);
  const credentials = new CallerCredentials(client.config);
  const store = options.store && new SharedStore(options.store);
  const { organization: reading } = options.diagnosis;
  const organization = reading && new OrganizationReader(client.config, reading, store);
  const identity = new IdentityReader(client.config, options.diagnosis.simulation, store);
  const access = new ModelAccessReader(controlPlane);
  const siblings = new SdkClients(async (region) => {
    return { client: { send: await siblingIn(region, client) }, sharesHandler: true };
  });
  const limits = { cacheTtlMs: options.resolve.cacheTtlMs, timeoutMs: LONGEST_LOOKUP_MS, store };
  const { profiles: catalog, models: modelsOfCatalog } = catalogsOf(options.resolve.catalog);
  const profiles = new ProfileResolver({ source: new BedrockProfileSource(controlPlane), catalog, ...limits });
  const models = new ModelResolver({
    source: new BedrockModelSource(controlPlane),
    catalog: modelsOfCatalog,
    ...limits,
  });
  const sendIn = async (region: string): Promise<SendCommand> =>
    (await siblings.createdFor(region)).send as SendCommand;
  // A credential provider may never respond.
  const scopeOf = (signal: AbortSignal) => untilAborted(credentials.scope(), signal);
  const { simulation, probe } = options.diagnosis;
  const prober = new Prober(() => sendingOnce(client));
  return {
    store,
    resolveProfile: profiles.resolve.bind(profiles),
    resolveModel: models.resolve.bind(models),
    modelAccess: access.modelAccess.bind(access),
    isUseCaseFilled: access.isUseCaseFilled.bind(access),
    dataRetentionMode: access.dataRetentionMode.bind(access),
    catalog,
    organization: organization?.policiesAbove.bind(organization),
    credentialsScope: () => credentials.scope(),
    usesApiKey: () => isBearer(client.config),
    refreshCredentials: credentials.refresh.bind(credentials),
    isEndpointPinned: () => isEndpointPinned(client),
    sendIn,
    callerArn: async (signal: AbortSignal) => identity.callerArn(await scopeOf(signal), signal),
    role: identity.role.bind(identity),
    simulate: simulation && identity.simulate.bind(identity),
    probe:
      probe && (async (call: DiagnosedCall, signal: AbortSignal) => prober.probe(call, await scopeOf(signal), signal)),
    mayProbeSubscribe: probe?.mayStartSubscription ?? false,
    destroy() {
      siblings.destroy();
      access.destroy();
      organization?.destroy();
      identity.destroy();
      prober.destroy();
      profiles.destroy();
      models.destroy();
      controlPlane.destroy();
    },
  };
}

/**
 * Returns the catalog that the application provides, or the bundled one. Each part is loaded by the first lookup that
 * needs it.
 */
function catalogsOf(provided: CatalogData | undefined) {
  return {
    profiles: once<ProfileCatalog>(async () =>
      provided === undefined
        ? import("../resolve/known-profiles.js")
        : (await import("../resolve/profile-catalog.js")).profileCatalog(provided.profiles),
    ),
    models: once<KnownModels>(async () =>
      provided === undefined
        ? import("../resolve/known-models.js")
        : (await import("../resolve/model-catalog.js")).modelCatalog(provided.models),
    ),
  };
}
