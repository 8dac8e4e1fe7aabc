import type { Gathered } from "../../src/diagnose/gathered.js";
import { alternatives } from "../../src/diagnose/sources/alternatives.js";
import { profile } from "../../src/diagnose/sources/profile.js";
import { Results } from "../../src/diagnose/sources/source.js";
import type { AlternativeProfile, BareEvidence } from "../../src/diagnosis.js";
import type { InferenceProfile } from "../../src/resolve/profile-source.js";

/** What the sources returned, if only these returned something. */
export interface Returned {
  profile?: InferenceProfile | undefined;
  alternatives?: AlternativeProfile[];
  evidence?: BareEvidence[];
  complete?: boolean;
}

/** What a diagnosis has gathered before it concludes, for tests that make no lookup. */
export const gatheredWith = (returned: Returned = {}): Gathered => ({
  results: new Results().with(profile, returned.profile).with(alternatives, returned.alternatives),
  evidence: returned.evidence ?? [],
  complete: returned.complete ?? true,
  sources: [],
});
