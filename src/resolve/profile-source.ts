/** One foundation model that a profile may route to. */
export interface ProfileModel {
  /** The foundation model's ARN; without a Region for global routing. */
  arn: string;
  modelId: string;
  /** The destination Region; `unspecified` for the Region-less ARN. */
  region: string;
}

/** An inference profile, as seen from one source Region: the same id has other destinations elsewhere. */
export interface InferenceProfile {
  id: string;
  /** Holds the caller's account id, so the bundled catalog cannot know it. */
  arn?: string;
  name?: string;
  type: "SYSTEM_DEFINED" | "APPLICATION";
  sourceRegion: string;
  models: ProfileModel[];
}

/** The port through which one inference profile is looked up. Rejects with the service's error. */
export interface ProfileSource {
  lookUp(idOrArn: string, sourceRegion: string, signal: AbortSignal): Promise<InferenceProfile>;
}

/** Where a profile may route to, in its own order; `unspecified` stands for global routing. */
export function destinationRegions(profile: InferenceProfile): string[] {
  return [...new Set(profile.models.map(({ region }) => region))];
}
