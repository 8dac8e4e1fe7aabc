/** One foundation model that a profile may route to. */
export interface ProfileModel {
  /** The foundation model's ARN. It has no Region for global routing. */
  arn: string;
  modelId: string;
  /** The destination Region, or `unspecified` for the Region-less ARN. */
  region: string;
}

/**
 * An inference profile, as seen from one source Region. From another source Region, the same ID has other destination
 * Regions.
 */
export interface InferenceProfile {
  id: string;
  /** Contains the caller's account ID, so the bundled catalog doesn't include it. */
  arn?: string;
  name?: string;
  type: "SYSTEM_DEFINED" | "APPLICATION";
  sourceRegion: string;
  models: ProfileModel[];
}

/** The port that looks up one inference profile. Rejects with the service's error. */
export interface ProfileSource {
  lookUp(idOrArn: string, sourceRegion: string, signal: AbortSignal): Promise<InferenceProfile>;
}

/** Returns the Regions that a profile may route to, in the profile's order. `unspecified` stands for global routing. */
export function destinationRegions(profile: InferenceProfile): string[] {
  return [...new Set(profile.models.map(({ region }) => region))];
}
