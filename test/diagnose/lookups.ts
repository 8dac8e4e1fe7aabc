import { beforeLookups } from "../../src/diagnose/gathered.js";
import type { OptedInPorts } from "../../src/diagnose/ports.js";
import type { Question } from "../../src/diagnose/question.js";
import { alternatives } from "../../src/diagnose/sources/alternatives.js";
import { dataRetention } from "../../src/diagnose/sources/data-retention.js";
import { identity } from "../../src/diagnose/sources/identity.js";
import { modelAccess } from "../../src/diagnose/sources/model-access.js";
import { onDemand } from "../../src/diagnose/sources/on-demand.js";
import { organization } from "../../src/diagnose/sources/organization.js";
import { probe } from "../../src/diagnose/sources/probe.js";
import { profile } from "../../src/diagnose/sources/profile.js";
import { promptProfiles } from "../../src/diagnose/sources/prompt.js";
import { simulation } from "../../src/diagnose/sources/simulation.js";
import type { Source } from "../../src/diagnose/sources/source.js";
import { sourceRegions } from "../../src/diagnose/sources/source-regions.js";
import { useCase } from "../../src/diagnose/sources/use-case.js";
import type { RefusalKind } from "../../src/refusal/kinds.js";
import { parseModelId } from "../../src/resolve/model-id.js";

const NAMES: [Source, string][] = [
  [profile, "profile"],
  [sourceRegions, "source-regions"],
  [alternatives, "alternatives"],
  [onDemand, "on-demand"],
  [modelAccess, "model-access"],
  [useCase, "use-case"],
  [promptProfiles, "prompt-profiles"],
  [dataRetention, "data-retention"],
  [identity, "identity"],
  [organization, "organization"],
  [simulation, "simulation"],
  [probe, "probe"],
];

const callOf = (modelId: string) => ({
  operation: "Converse",
  modelId,
  reference: parseModelId(modelId),
  sourceRegion: "us-east-1",
});

const namesOf = (question: Question, ports: OptedInPorts) =>
  beforeLookups(question, ports, Date.now).sources.map(
    (source) => NAMES.find(([listed]) => listed === source)?.[1] ?? "not named in this test",
  );

/** The lookups that are made for a denial. */
export const lookupsFor = (kind: RefusalKind, modelId: string, ports: OptedInPorts = {}) =>
  namesOf({ call: callOf(modelId), refusal: { raw: "raw", kind } }, ports);

/** The lookups that are made for a preflight. */
export const preflightLookups = (modelId: string, ports: OptedInPorts = {}) =>
  namesOf({ call: callOf(modelId), preflight: true }, ports);
