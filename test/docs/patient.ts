import * as library from "../../src/index.js";

const LONGEST_MS = 60_000;

class PatientClient extends library.BedrockRuntimeClient {
  constructor({ resilience, ...config }: library.BedrockRuntimeClientConfig = {}) {
    super({ ...config, resilience: { ...resilience, diagnosis: { timeoutMs: LONGEST_MS, ...resilience?.diagnosis } } });
  }
}

/** The library with the longest deadlines as defaults: what an example prints must not depend on how busy the machine is. */
export const patient: typeof library = {
  ...library,
  BedrockRuntimeClient: PatientClient,
  diagnose: ((question: library.PreflightQuestion) =>
    library.diagnose({ timeoutMs: LONGEST_MS, ...question })) as typeof library.diagnose,
  resolveInferenceProfile: (modelId, where, options) =>
    library.resolveInferenceProfile(modelId, where, { timeoutMs: LONGEST_MS, ...options }),
};
