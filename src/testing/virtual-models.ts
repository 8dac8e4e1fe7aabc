import type { DataRetentionMode } from "./retention-settings.js";

/** A foundation model that a test adds to the simulated Bedrock. */
export interface VirtualModel {
  id: string;
  /** Regions in which the model can be called by its model ID. In other Regions, an inference profile is required. */
  onDemandRegions: string[];
  /** @default "ACTIVE" */
  lifecycle?: "ACTIVE" | "LEGACY";
  /** The end-of-life date of the model: ISO 8601. @default unknown */
  endOfLife?: string;
  /** The response of GetFoundationModelAvailability. @default everything is granted */
  access?: { agreement?: string; authorization?: string; entitlement?: string; region?: string };
  /** The data retention modes of the account in which the model can be invoked. @default all of them */
  dataRetentionModes?: DataRetentionMode[];
}

/** An inference profile that a test adds to the simulated Bedrock. */
export interface VirtualProfile {
  /** `us.anthropic.claude-…`, or twelve letters and digits for an application inference profile. */
  id: string;
  /** @default "SYSTEM_DEFINED" */
  type?: "SYSTEM_DEFINED" | "APPLICATION";
  name?: string;
  modelId: string;
  /** Destination Regions by source Region. `unspecified` is the Region of the Region-less model for global routing. */
  routes: Record<string, string[]>;
}

/** An application inference profile with the models and Regions of another profile or a model. */
export interface CopiedProfile {
  /** Twelve lowercase letters and digits. */
  id: string;
  name?: string;
  /**
   * The ID of a system-defined inference profile or of a foundation model. An ID applies in each source Region of the
   * profile, or in each Region that offers the model on demand. An ARN applies only in its own Region.
   */
  copyFrom: string;
}

/** @throws TypeError that identifies the field, its value, and the allowed values */
export function checkModel(model: VirtualModel): void {
  checkFields("model", model, ["id", "onDemandRegions", "lifecycle", "endOfLife", "access", "dataRetentionModes"]);
  checkId(model.id);
  if (!Array.isArray(model.onDemandRegions)) {
    throw new TypeError(`onDemandRegions must be an array of Regions; it is ${JSON.stringify(model.onDemandRegions)}.`);
  }
}

/** @throws TypeError that identifies the field, its value, and the allowed values */
export function checkProfile(profile: VirtualProfile | CopiedProfile): void {
  const isCopy = "copyFrom" in profile;
  checkFields(
    "inference profile",
    profile,
    isCopy ? ["id", "name", "copyFrom"] : ["id", "type", "name", "modelId", "routes"],
  );
  checkId(profile.id);
  if (isCopy) return;
  const { type, modelId, routes } = profile;
  if (type !== undefined && type !== "SYSTEM_DEFINED" && type !== "APPLICATION") {
    throw new TypeError(`type must be SYSTEM_DEFINED or APPLICATION; it is ${JSON.stringify(type)}.`);
  }
  if (typeof modelId !== "string" || modelId === "") {
    throw new TypeError(`modelId must be the id of a foundation model; it is ${JSON.stringify(modelId)}.`);
  }
  if (typeof routes !== "object" || routes === null || !Object.values(routes).every(Array.isArray)) {
    const wanted = 'destination Regions by source Region, such as { "us-east-1": ["us-east-1", "us-west-2"] }';
    throw new TypeError(`routes must be ${wanted}; it is ${JSON.stringify(routes)}.`);
  }
}

function checkFields(what: string, value: object, known: readonly string[]): void {
  const unknownField = Object.keys(value).find((key) => !known.includes(key));
  if (unknownField)
    throw new TypeError(`Unknown field ${unknownField} of a ${what}. Valid fields: ${known.join(", ")}.`);
}

function checkId(id: unknown): void {
  if (typeof id !== "string" || id === "") throw new TypeError(`id must be a text; it is ${JSON.stringify(id)}.`);
}
