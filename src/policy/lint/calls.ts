import {
  ANY_MODEL,
  GEOGRAPHIES,
  type Geography,
  GLOBAL_PARTITION,
  globalProbe,
  type Probe,
  probeModelArn,
  profileArn,
  regionOfPartition,
} from "./probes.js";
import { isAllowed, type LintStatement, type LintSubject, namesModel, namesProfile } from "./subject.js";

/**
 * One call through a profile, as the requests that AWS authorizes (Amazon Bedrock User Guide, "Geographic cross-Region
 * inference").
 */
export interface ProbeCall {
  /** The geography prefix: `us`, `global`. */
  prefix: string;
  source: string;
  profile: Probe;
  sourceModel: Probe;
  /** Requests in addition to those in the source Region: the usual destination Regions, or the Region-less model. */
  usual: readonly Probe[];
  /** The requests in `usual` that every current profile has. */
  always: readonly Probe[];
  /** True if the document contains a profile of this geography. */
  isNamed: boolean;
}

/** The parts of a resource that a policy's pattern matches. */
export interface Instance {
  partition: string;
  /** Left out if the pattern doesn't specify the Region. */
  region?: string;
  account: string;
  /** Left out if the pattern doesn't specify the geography. */
  prefix?: string;
  model: string;
}

const isOpen = (text: string) => /[*?]/.test(text);

/**
 * Returns a profile that this pattern matches. Returns undefined if it isn't a pattern of profiles, or contains a
 * variable.
 */
export function profileInstance(text: string, { partitions, account }: LintSubject): Instance | undefined {
  const parts = /^arn:([^:]+):bedrock:([^:]+):([^:]+):inference-profile\/(.+)$/.exec(text);
  if (parts === null || text.includes("${")) return undefined;
  const [, partition = "", region = "", owner = "", id = ""] = parts;
  const dot = id.indexOf(".");
  const prefix = dot < 0 ? id : id.slice(0, dot);
  const model = dot < 0 ? "*" : id.slice(dot + 1);
  return {
    partition: isOpen(partition) ? partitions[0] : partition,
    ...(isOpen(region) ? {} : { region }),
    account: isOpen(owner) ? account : owner,
    ...(isOpen(prefix) ? {} : { prefix }),
    model: filledModel(model),
  };
}

const filledModel = (model: string) => (/^\*+$/.test(model) ? ANY_MODEL : model.replace(/[*?]/g, "x"));

interface CallQuestion {
  partition: string;
  account: string;
  prefix: string;
  geography: Geography | undefined;
  source: string;
  model: string;
  action: string;
  isNamed: boolean;
}

function probeCall({ partition, account, prefix, geography, source, model, action, isNamed }: CallQuestion): ProbeCall {
  const arn = profileArn(partition, prefix, { region: source, account, model });
  const modelIn = (region: string): Probe => ({
    action,
    resource: probeModelArn(partition, region, model),
    region,
    profileArn: arn,
  });
  const elsewhere = (regions: readonly string[] = []) => regions.filter((region) => region !== source).map(modelIn);
  const anywhere = [globalProbe(action, partition, arn, model)];
  const isGlobal = prefix === "global";
  return {
    prefix,
    source,
    profile: { action, resource: arn, region: source },
    sourceModel: modelIn(source),
    usual: isGlobal ? anywhere : elsewhere(geography?.usual),
    always: isGlobal ? anywhere : elsewhere(geography?.always(source)),
    isNamed,
  };
}

/**
 * The maximum number of a document's models and profiles that are tested, so that the time doesn't depend on how many
 * it lists.
 */
const MOST_NAMED = 8;
const MOST_MODELS = 2;

const geographyOfPrefix = (prefix: string, partition: string) =>
  GEOGRAPHIES.find((one) => one.prefix === prefix && one.partition === partition);

/**
 * Returns the calls that an Allow list is tested with: calls through the profiles that it lists, and through typical
 * ones.
 */
export function callsFor(subject: LintSubject, action: string): ProbeCall[] {
  const allows = subject.allows.filter(({ invokes }) => invokes.includes(action));
  const hasBoth = allows.some(({ canBe }) => canBe.profile) && allows.some(({ canBe }) => canBe.model);
  return hasBoth ? [...namedCalls(subject, allows, action), ...typicalCalls(subject, allows, action)] : [];
}

/**
 * Returns a typical call through the profiles of every geography, from each source Region in the order of typical use.
 */
export function geographicCalls({ partitions, account }: LintSubject, action: string): ProbeCall[][] {
  return GEOGRAPHIES.filter(({ partition }) => partitions.includes(partition)).map((geography) => {
    const { prefix, partition, sources } = geography;
    const common = { partition, account, prefix, geography, model: ANY_MODEL, action, isNamed: false };
    return sources.map((source) => probeCall({ ...common, source }));
  });
}

function namedCalls(subject: LintSubject, allows: readonly LintStatement[], action: string): ProbeCall[] {
  const texts = firstTexts(allows, namesProfile, MOST_NAMED);
  return texts.flatMap((text): ProbeCall[] => {
    const named = profileInstance(text, subject);
    if (named?.prefix === undefined) return [];
    const { prefix, partition, account, model } = named;
    const geography = geographyOfPrefix(prefix, partition);
    const source = named.region ?? sourceOf(subject, { partition, account, prefix, geography, model, action });
    return source === undefined
      ? []
      : [probeCall({ partition, account, prefix, geography, source, model, action, isNamed: true })];
  });
}

function typicalCalls(subject: LintSubject, allows: readonly LintStatement[], action: string): ProbeCall[] {
  const models = new Set([ANY_MODEL, ...firstTexts(allows, namesModel, MOST_MODELS).map(modelInArn)]);
  const { account } = subject;
  return subject.partitions.flatMap((partition) => {
    const geographies = GEOGRAPHIES.filter((one) => one.partition === partition);
    const isGlobal = partition === GLOBAL_PARTITION;
    return [...geographies.map(({ prefix }) => prefix), ...(isGlobal ? ["global"] : [])].flatMap((prefix) =>
      [...models].flatMap((model) => {
        const geography = geographyOfPrefix(prefix, partition);
        const source = sourceOf(subject, { partition, account, prefix, geography, model, action });
        return source === undefined
          ? []
          : [probeCall({ partition, account, prefix, geography, source, model, action, isNamed: false })];
      }),
    );
  });
}

const modelInArn = (text: string) =>
  filledModel(text.slice(text.indexOf(":foundation-model/") + ":foundation-model/".length));

/** Returns the first source Region from which the profile and the source Region's model are allowed. */
function sourceOf(subject: LintSubject, question: Omit<CallQuestion, "source" | "isNamed">): string | undefined {
  const { geography, prefix, partition } = question;
  const sources = geography?.sources ?? (prefix === "global" ? GLOBAL_SOURCES : [regionOfPartition(partition)]);
  return sources.find((source) => {
    const { profile, sourceModel } = probeCall({ ...question, source, isNamed: false });
    return isAllowed(subject, profile) && isAllowed(subject, sourceModel);
  });
}

const GLOBAL_SOURCES = [
  ...new Set(GEOGRAPHIES.filter(({ partition }) => partition === GLOBAL_PARTITION).flatMap(({ sources }) => sources)),
];

function firstTexts(allows: readonly LintStatement[], wanted: (text: string) => boolean, most: number): string[] {
  const found = new Set<string>();
  for (const { resource } of allows) {
    if (resource === undefined || resource.not) continue;
    for (const text of resource.texts) {
      if (found.size < most && wanted(text)) found.add(text);
    }
  }
  return [...found];
}
