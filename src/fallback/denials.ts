import type { Way } from "../call/call.js";
import { diagnosisOf, type FlowContext } from "../call/denied.js";
import type { Diagnosis } from "../explain/diagnosis.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { actionOf } from "../resolve/legs.js";
import { Allowance } from "./allowance.js";
import { type Candidate, candidatesFor, deniedModelOf, whyNot } from "./candidates.js";
import { BlockMemory, type Recalled } from "./memory.js";
import { type OwnModels, ownModelsOf, routesTo } from "./own-models.js";
import type { Consideration, NotTried } from "./report.js";
import { type BlockedCall, mayBeSameCaller, SharedBlocks, type SharedDenial } from "./shared-denials.js";

/** How long the first calls through a profile wait for news of it, in milliseconds: longer than AWS takes to deny. */
const PATIENCE_MS = 1_000;

/** The share of the deadline in which it must be known where a call may go: looking the candidates up takes the rest. */
const PLAN_SHARE = 0.5;

/** A denied profile: what can be done about it, and what is known of it. Shared by all calls that meet it. */
export interface Block {
  refusal: ParsedRefusal;
  /** Never rejects, and ends with the diagnosis deadline. */
  plan: Promise<Plan>;
  /** The candidates up to the one that answered: the next calls go straight to that one. */
  answered?: readonly Consideration[];
  /** True if other processes know of it, too. */
  isShared: boolean;
  /** One for all; started beside the first try. Never rejects: a diagnosis that fails hides no answer. */
  diagnosis(): Promise<Diagnosis | undefined>;
}

/** Where a denied call may go. */
export interface Plan {
  candidates: Candidate[];
  /** Why no candidate, or none of the profile's own models, is among them. */
  notTried?: NotTried;
  /** False if the denial isn't of this profile's routing, or not of this caller: it says nothing about other calls. */
  isKept: boolean;
}

/** One call's memory of denied profiles. */
export interface Blocks {
  readonly memory: BlockMemory<Block>;
  /** The action and the profile. */
  readonly key: string;
  readonly blocked: BlockedCall;
  /** Absent without a store. */
  readonly shared: SharedBlocks | undefined;
}

const memories = new WeakMap<FlowContext, BlockMemory<Block>>();

function newMemory(context: FlowContext, rememberMs: number): BlockMemory<Block> {
  const memory = new BlockMemory<Block>({ rememberMs, patienceMs: PATIENCE_MS, now: () => Date.now() });
  memories.set(context, memory);
  return memory;
}

export function blocksFor({ call, context, ports }: Way): Blocks {
  const { modelId, operation, sourceRegion } = call;
  const rememberMs = context.options.fallback?.remember ?? 0;
  const memory = memories.get(context) ?? newMemory(context, rememberMs);
  const action = actionOf(operation) ?? operation;
  // Who calls can't be determined without a lookup.
  const isShared = ports.store && rememberMs > 0 && context.options.diagnosis.timeoutMs > 0;
  return {
    memory,
    key: `${action} ${modelId}`,
    blocked: { action, modelId, region: sourceRegion },
    shared: isShared && ports.store ? new SharedBlocks(ports.store, rememberMs) : undefined,
  };
}

/** Makes the block of a denial that this process met. */
export function blockOf(refusal: ParsedRefusal, blocks: Blocks, way: Way): Block {
  const planned = ownPlan(refusal, blocks, way);
  const block: Block = {
    refusal,
    isShared: false,
    plan: planned.then(({ plan, arn, isOwnKnown }) => {
      if (!plan.isKept) blocks.memory.forget(blocks.key, block);
      else if (isOwnKnown) block.isShared = blocks.shared?.tell(blocks.blocked, refusal, arn) ?? false;
      return plan;
    }),
    diagnosis: diagnosisFor(refusal, way),
  };
  return block;
}

async function ownPlan(refusal: ParsedRefusal, blocks: Blocks, way: Way) {
  // Other calls wait for it, too: it doesn't end with this call's own signal.
  const allowance = new Allowance(way.context.options.diagnosis.timeoutMs * PLAN_SHARE, undefined);
  const [own, isPinned, arn] = await Promise.all([
    ownModels(way, allowance),
    isEndpointPinned(way, allowance),
    callerArn(blocks, way, allowance),
  ]);
  const plan = planFor(refusal, own, isPinned, way);
  const isKept = plan.isKept && mayBeSameCaller(refusal.principal, arn);
  return { plan: { ...plan, isKept }, arn, isOwnKnown: own !== undefined };
}

/** The block of a denial that another process of the same caller met; undefined if there is none that fits this profile. */
export async function recalledBlock(blocks: Blocks, way: Way): Promise<Recalled<Block> | undefined> {
  const { timeoutMs } = way.context.options.diagnosis;
  const allowance = new Allowance(Math.min(PATIENCE_MS, timeoutMs), undefined);
  const known = await blocks.shared?.recall(blocks.blocked, () => callerArn(blocks, way, allowance));
  if (known === undefined) return undefined;
  const [own, isPinned] = await Promise.all([ownModels(way, allowance), isEndpointPinned(way, allowance)]);
  const refusal = own && refusalOf(known.denial, known.callerArn, own, blocks.blocked);
  if (refusal === undefined || whyNot(refusal, way.call) !== undefined) return undefined;
  const plan = planFor(refusal, own, isPinned, way);
  if (!plan.isKept) return undefined;
  const block = { refusal, isShared: true, plan: Promise.resolve(plan), diagnosis: diagnosisFor(refusal, way) };
  return { value: block, at: known.at, until: known.until };
}

function planFor(refusal: ParsedRefusal, own: OwnModels | undefined, isPinned: boolean, { call, context }: Way): Plan {
  const denied = deniedModelOf(refusal);
  if (denied === undefined || (own && !routesTo(own, denied))) {
    return { candidates: [], notTried: "not-this-profile", isKept: false };
  }
  const rules = context.options.fallback ?? { models: {}, allowRegions: [] };
  // The message chooses among the profile's own models, and can't add to them.
  const candidates = candidatesFor(call, own && denied.modelId, denied.region, rules, isPinned);
  return { candidates, isKept: true, ...(own ? {} : { notTried: "profile-unresolved" as const }) };
}

async function ownModels({ call, ports }: Way, allowance: Allowance): Promise<OwnModels | undefined> {
  const { reference, sourceRegion } = call;
  const lookup = await allowance.lookUp((ends) => ports.resolveProfile(reference, sourceRegion, ends));
  return ownModelsOf(reference, lookup);
}

/** If that can't be determined in time, no other Region is tried. */
async function isEndpointPinned({ ports }: Way, allowance: Allowance): Promise<boolean> {
  return (await allowance.settle(() => ports.isEndpointPinned())) ?? true;
}

/** Who calls: asked for where denials are shared with other processes, else only if it's known already. */
async function callerArn({ shared }: Blocks, { ports, context }: Way, allowance: Allowance) {
  const ask = (ends: AbortSignal) => allowance.settle(() => ports.callerArn(ends));
  if (shared) return allowance.lookUp(ask);
  return (await ask(AbortSignal.abort())) ?? context.options.diagnosis.policies?.principalArn;
}

/** A denial in our own words, from what another process shared and this one's own profile. */
function refusalOf(
  { deniedRegion, ...said }: SharedDenial,
  principal: string,
  own: OwnModels,
  { action }: BlockedCall,
): ParsedRefusal | undefined {
  const denied = own.models?.find(({ region }) => region === deniedRegion);
  if (denied === undefined) return undefined;
  const { arn: resource, modelId } = denied;
  const raw = `(Not an AWS message.) Another process of the same role or user reported that ${action} was denied in ${deniedRegion}.`;
  return { raw, kind: "iam-denied", principal, action, resource, region: deniedRegion, modelId, ...said };
}

function diagnosisFor(refusal: ParsedRefusal, { command, context }: Way): Block["diagnosis"] {
  let diagnosis: Promise<Diagnosis | undefined> | undefined;
  return () => {
    diagnosis ??= diagnosisOf(refusal, command, undefined, context).catch(() => undefined);
    return diagnosis;
  };
}
