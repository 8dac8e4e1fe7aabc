import { buildArn, lastSegment, parseArn, partitionOfRegion } from "../arn.js";
import { defined } from "../defined.js";
import type { PolicyInput, PolicyLayer } from "../policy/evaluation/layers.js";
import { resourceLayer } from "./resource-policy.js";

/** A guardrail that a test adds to the simulated Bedrock. */
export interface VirtualGuardrail {
  /**
   * If this is an ID, the guardrail exists in the caller's own account, in each Region. An ARN specifies its own
   * account and Region.
   */
  id: string;
  /** The versions that exist. @default every version exists */
  versions?: string[];
  /**
   * The guardrail's resource-based policy. It must allow callers of other accounts. For callers of the guardrail's own
   * account, it isn't evaluated.
   */
  resourcePolicy?: PolicyInput;
  /** The guardrail profile of a cross-Region guardrail. It's authorized in each of its destination Regions. */
  profile?: { id: string; regions: string[]; resourcePolicy?: PolicyInput };
  /**
   * Who enforces the guardrail. An enforced guardrail is applied to every Converse and InvokeModel call in its Region,
   * even if the request doesn't include it.
   * @default it isn't enforced
   */
  enforcedBy?: "account" | "organization";
  /** Returns whether the guardrail blocks a text. @default no text is blocked */
  blocks?: (text: string, source: "INPUT" | "OUTPUT") => boolean;
  /** The text that replaces a blocked text. @default a sentence that states that the text was blocked */
  blockedMessage?: string;
}

/** A guardrail as it applies to one caller. */
export interface FoundGuardrail {
  arn: string;
  /**
   * False if the guardrail or its version doesn't exist. It's still authorized, so that a denial doesn't show which
   * guardrails exist.
   */
  exists: boolean;
  accountId: string;
  resourceLayer: PolicyLayer;
  profile?: { arns: { arn: string; region: string }[]; resourceLayer: PolicyLayer };
  version: string | undefined;
  blocks: NonNullable<VirtualGuardrail["blocks"]>;
  blockedMessage: string;
  enforcedBy?: VirtualGuardrail["enforcedBy"];
}

/** The scope of a guardrail lookup: the caller's account, and the Region of the call. */
export interface GuardrailPlace {
  accountId: string;
  sourceRegion: string;
}

interface Added {
  guardrail: VirtualGuardrail;
  resourceLayer: PolicyLayer;
  profileLayer: PolicyLayer;
}

/**
 * The guardrails that a test adds. If no guardrail was added, every guardrail exists, without a resource-based policy.
 */
export class VirtualGuardrails {
  readonly #added = new Map<string, Added>();

  /**
   * Adds a guardrail. Returns a function that removes it.
   *
   * @throws TypeError if a field is unknown or invalid
   */
  add(guardrail: VirtualGuardrail): () => void {
    checkGuardrail(guardrail);
    const { id, resourcePolicy, profile } = guardrail;
    const added = {
      guardrail,
      resourceLayer: resourceLayer(resourcePolicy, "resourcePolicy"),
      profileLayer: resourceLayer(profile?.resourcePolicy, "profile.resourcePolicy"),
    };
    this.#added.set(id, added);
    return () => {
      if (this.#added.get(id) === added) this.#added.delete(id);
    };
  }

  /** Returns the guardrail with this identifier, as it applies to this caller. */
  find(idOrArn: string, version: string | undefined, place: GuardrailPlace): FoundGuardrail {
    const arn = arnOf(idOrArn, place);
    const isOwn = parseArn(arn)?.accountId === place.accountId;
    const added = this.#added.get(arn) ?? (isOwn ? this.#added.get(lastSegment(arn)) : undefined);
    const { versions } = added?.guardrail ?? {};
    const isVersion = versions === undefined || version === undefined || versions.includes(version);
    const isHere = parseArn(arn)?.region === place.sourceRegion;
    return foundGuardrail(arn, version, added, isHere && isVersion && (added !== undefined || this.#added.size === 0));
  }

  /** Returns the guardrails that are enforced on a call. */
  enforced(place: GuardrailPlace): FoundGuardrail[] {
    return [...this.#added.values()]
      .filter(({ guardrail }) => guardrail.enforcedBy !== undefined)
      .map((added) => foundGuardrail(arnOf(added.guardrail.id, place), added.guardrail.versions?.at(-1), added, true))
      .filter(({ arn }) => parseArn(arn)?.region === place.sourceRegion);
  }
}

function arnOf(idOrArn: string, { accountId, sourceRegion }: GuardrailPlace): string {
  if (parseArn(idOrArn)) return idOrArn;
  const partition = partitionOfRegion(sourceRegion);
  return buildArn({ partition, service: "bedrock", region: sourceRegion, accountId, resource: `guardrail/${idOrArn}` });
}

function foundGuardrail(
  arn: string,
  version: string | undefined,
  added: Added | undefined,
  exists: boolean,
): FoundGuardrail {
  const { accountId = "", partition = "aws" } = parseArn(arn) ?? {};
  const { profile, blocks, blockedMessage, enforcedBy } = added?.guardrail ?? {};
  const resource = `guardrail-profile/${profile?.id}`;
  const arns = profile?.regions.map((region) => ({
    arn: buildArn({ partition, service: "bedrock", region, accountId, resource }),
    region,
  }));
  return {
    arn,
    exists,
    accountId,
    version,
    resourceLayer: added?.resourceLayer ?? resourceLayer(undefined, ""),
    blocks: blocks ?? (() => false),
    blockedMessage: blockedMessage ?? "The simulated guardrail blocked this text.",
    ...defined({ enforcedBy, profile: added && arns && { arns, resourceLayer: added.profileLayer } }),
  };
}

const GUARDRAIL_FIELDS = "id versions resourcePolicy profile enforcedBy blocks blockedMessage".split(" ");

function checkGuardrail(guardrail: VirtualGuardrail): void {
  const unknownField = Object.keys(guardrail).find((key) => !GUARDRAIL_FIELDS.includes(key));
  if (unknownField)
    throw new TypeError(`Unknown field ${unknownField} of a guardrail. Valid fields: ${GUARDRAIL_FIELDS.join(", ")}.`);
  const { id, enforcedBy } = guardrail;
  const arn = typeof id === "string" ? parseArn(id) : undefined;
  const isArn = arn?.resource.startsWith("guardrail/") && /^\d{12}$/.test(arn.accountId) && arn.region !== "";
  if (!isArn && !/^[\w-]+$/.test(String(id))) {
    throw new TypeError(`id must be the ID or the ARN of a guardrail; it is ${JSON.stringify(id)}.`);
  }
  if (enforcedBy !== undefined && enforcedBy !== "account" && enforcedBy !== "organization") {
    throw new TypeError(`enforcedBy must be account or organization; it is ${JSON.stringify(enforcedBy)}.`);
  }
}
