import { UNSPECIFIED_REGION } from "../arn.js";
import { type DenyKind, POLICY_TYPES, type PolicyType } from "../authorization.js";
import { defined } from "../defined.js";
import { parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { deniedModelOf } from "../refusal/routing.js";
import type { SharedStore } from "../resolve/shared-store.js";

/** What was denied, without the caller. */
export interface DeniedCall {
  action: string;
  modelId: string;
  region: string;
}

/**
 * Everything that is shared about a denial. It contains no text of a message and no model. The reader's own profile
 * provides those.
 */
export interface SharedDenial {
  /** Where a model was denied: one of the profile's destination Regions, or `unspecified`. */
  deniedRegion: string;
  policyType?: PolicyType;
  denyKind?: DenyKind;
  errorName?: string;
  httpStatus?: number;
}

/** A denial of another process. */
export interface RecalledDenial {
  denial: SharedDenial;
  /** The caller of this process, which was denied in the other one. */
  callerArn: string;
  /** The time in which it applies, in milliseconds since the epoch. */
  at: number;
  until: number;
}

/**
 * Denied profiles, shared with other processes of the same caller. All sessions of a role count as one caller, because
 * the functions of a fleet are sessions of one role. So a denial by a session policy isn't shared.
 *
 * An entry contains only fields that are validated, including what it is stored for. It expires by its own time. A
 * party that can write to the store can keep a call away from its profile for as long as the reader remembers, and
 * nothing else.
 */
export class SharedDenials {
  readonly #store: SharedStore;
  readonly #rememberMs: number;

  constructor(store: SharedStore, rememberMs: number) {
    this.#store = store;
    this.#rememberMs = rememberMs;
  }

  /**
   * Returns what another process recorded. Never rejects.
   *
   * @param callerArn returns the caller of this process. Called only if a denial is recorded
   */
  async recall(call: DeniedCall, callerArn: () => Promise<string | undefined>): Promise<RecalledDenial | undefined> {
    const isAnyone = await this.#store.read(
      storeKeyOf(call),
      this.#rememberMs,
      (stored) => isOf(stored, call) || undefined,
    );
    if (!isAnyone) return undefined;
    const arn = await callerArn().catch(() => undefined);
    const caller = callerKeyOf(arn);
    if (arn === undefined || caller === undefined) return undefined;
    const known = await this.#store.read(storeKeyOf(call, caller), this.#rememberMs, (stored) =>
      denialFrom(stored, call, caller),
    );
    return known && { denial: known.value, callerArn: arn, at: known.at, until: known.at + this.#rememberMs };
  }

  /**
   * Shares a denial, if it's the caller's own.
   *
   * @param callerArn the caller of this process. Undefined if it can't be determined, and then nothing is shared
   * @returns true if it was shared
   */
  share(call: DeniedCall, refusal: ParsedRefusal, callerArn: string | undefined): boolean {
    const caller = callerKeyOf(callerArn);
    const denied = deniedModelOf(refusal);
    if (caller === undefined || callerKeyOf(refusal.principal) !== caller || denied === undefined) return false;
    if (refusal.policyType === "session-policy" || this.#rememberMs === 0) return false;
    const { policyType, denyKind, errorName, httpStatus } = refusal;
    const entry = { ...call, caller, deniedRegion: denied.region, policyType, denyKind, errorName, httpStatus };
    const denial = denialFrom(entry, call, caller);
    if (denial === undefined) return false;
    this.#store.write(storeKeyOf(call, caller), { ...call, caller, ...denial }, this.#rememberMs);
    this.#store.write(storeKeyOf(call), call, this.#rememberMs);
    return true;
  }

  /** Removes a shared denial, because the profile answers again. */
  lift(call: DeniedCall, { principal }: ParsedRefusal): void {
    const caller = callerKeyOf(principal);
    if (caller !== undefined) this.#store.forget(storeKeyOf(call, caller));
  }
}

/** True unless both are known and differ, by account, role, or user. */
export function mayBeSameCaller(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [callerKeyOf(one), callerKeyOf(other)];
  return a === undefined || b === undefined || a === b;
}

const storeKeyOf = ({ region, action, modelId }: DeniedCall, caller?: string) =>
  `denial:${region}:${action}:${modelId}${caller === undefined ? "" : `:${caller}`}`;

/** Returns the part that is the same for all sessions of a role. Undefined if the ARN hides the caller. */
function callerKeyOf(arn: string | undefined): string | undefined {
  if (arn === undefined) return undefined;
  const principal = parsePrincipal(arn);
  if (!principal.isComplete) return undefined;
  const { type, accountId, name } = principal;
  const isRole = type === "assumed-role" || type === "role";
  return `${accountId}:${isRole ? "role" : type}:${name ?? ""}`;
}

const KNOWN_POLICY_TYPES = Object.fromEntries(POLICY_TYPES.map((type) => [type, true])) as Record<PolicyType, true>;
/** As a record, it is complete for the compiler, so a new deny kind can't be forgotten here. */
const DENY_KINDS: Record<DenyKind, true> = { explicit: true, implicit: true };
const ERROR_NAMES = { AccessDeniedException: true };
const DENIED_STATUSES = { 401: true, 403: true };
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

/** Whether an entry was stored for exactly this call. */
function isOf(stored: unknown, { action, modelId, region }: DeniedCall): stored is Record<string, unknown> {
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return false;
  const entry = stored as Record<string, unknown>;
  return entry.action === action && entry.modelId === modelId && entry.region === region;
}

/**
 * Returns the validated fields of an entry. Undefined if it isn't for this caller and call, or has an invalid field.
 */
function denialFrom(stored: unknown, call: DeniedCall, caller: string): SharedDenial | undefined {
  if (!isOf(stored, call) || stored.caller !== caller) return undefined;
  const { deniedRegion, policyType, denyKind, errorName, httpStatus } = stored;
  if (typeof deniedRegion !== "string" || deniedRegion.length > 40) return undefined;
  if (deniedRegion !== UNSPECIFIED_REGION && !REGION.test(deniedRegion)) return undefined;
  if (!isOneOf(KNOWN_POLICY_TYPES, policyType) || !isOneOf(DENY_KINDS, denyKind)) return undefined;
  return defined({
    deniedRegion,
    policyType,
    denyKind,
    errorName: isOneOf(ERROR_NAMES, errorName) ? errorName : undefined,
    httpStatus: httpStatus !== undefined && isOneOf(DENIED_STATUSES, httpStatus) ? Number(httpStatus) : undefined,
  });
}

/** Whether a value is absent or one of a table's own keys. */
function isOneOf<K extends PropertyKey>(table: Record<K, boolean>, value: unknown): value is K | undefined {
  if (value === undefined) return true;
  return (typeof value === "string" || typeof value === "number") && Object.hasOwn(table, value);
}
