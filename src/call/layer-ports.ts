import type { Diagnoser, FallbackPorts } from "../fallback/ports.js";
import type { ProfileLookups } from "../fallback/through-profile.js";
import { lazily } from "../lazy.js";
import { publishRefusal } from "../telemetry/events.js";
import type { CallEnvironment } from "./context.js";

// What the layers need from outside. The ports are loaded when a layer uses one of them.

export function profileLookupsOf({ ports }: CallEnvironment): ProfileLookups {
  return {
    resolveProfile: async (...args) => (await ports()).resolveProfile(...args),
    resolveModel: async (...args) => (await ports()).resolveModel(...args),
    catalog: async () => (await ports()).catalog(),
  };
}

export function fallbackPortsOf(context: CallEnvironment): FallbackPorts {
  const { options, ports } = context;
  const { resolveProfile, resolveModel } = profileLookupsOf(context);
  return {
    resolveProfile,
    resolveModel,
    store: options.store && (async () => (await ports()).store),
    credentialsScope: async () => (await ports()).credentialsScope(),
    callerArn: async (signal) => (await ports()).callerArn(signal),
    isEndpointPinned: async () => (await ports()).isEndpointPinned(),
    sendIn: async (region) => (await ports()).sendIn(region),
    diagnoser: diagnoserOf(context),
    publishRefusal,
  };
}

/** Loaded with the first denial that a fallback may answer. */
const diagnoserOf = (context: CallEnvironment) =>
  lazily(async (): Promise<Diagnoser> => {
    const { announceFallback, diagnosisOfCall: diagnosisOf } = await import("./denied.js");
    return {
      diagnose: (refusal, call) => diagnosisOf(refusal, call, undefined, context),
      announce: (report, diagnosis) => announceFallback(report, diagnosis, context.options),
    };
  });
