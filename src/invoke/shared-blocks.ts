import { parsePrincipal } from "../principal.js";
import { type ParsedRefusal, parseRefusal } from "../refusal/parse.js";
import type { SharedStore } from "../resolve/shared-store.js";

/** What was refused, but for who was. */
export interface BlockedCall {
  action: string;
  modelId: string;
  region: string;
}

/** A refusal that another process met, and how long it holds: milliseconds since the epoch. */
export interface SharedBlock {
  refusal: ParsedRefusal;
  until: number;
}

/**
 * Refused profiles, told to other processes of the same caller. All sessions of a role count as one caller, since the
 * functions of a fleet are sessions of one role; what a session's own policy refuses is therefore not told.
 */
export class SharedBlocks {
  readonly #store: SharedStore;
  readonly #rememberMs: number;

  constructor(store: SharedStore, rememberMs: number) {
    this.#store = store;
    this.#rememberMs = rememberMs;
  }

  /**
   * What another process knows. Never rejects.
   *
   * @param callerArn who calls here: asked only where someone was refused
   */
  async recall(call: BlockedCall, callerArn: () => Promise<string>): Promise<SharedBlock | undefined> {
    const isAnyone = await this.#store.read(keyOf(call), this.#rememberMs, (stored) => stored === true || undefined);
    if (!isAnyone) return undefined;
    const caller = callerIn(await callerArn().catch(() => undefined));
    if (caller === undefined) return undefined;
    const known = await this.#store.read(`${keyOf(call)}:${caller}`, this.#rememberMs, revive);
    return known && { refusal: known.value, until: known.at + this.#rememberMs };
  }

  tell(call: BlockedCall, { principal, policyType, raw, errorName, httpStatus }: ParsedRefusal): void {
    const caller = callerIn(principal);
    if (caller === undefined || policyType === "session-policy" || this.#rememberMs === 0) return;
    this.#store.write(`${keyOf(call)}:${caller}`, { raw, errorName, httpStatus }, this.#rememberMs);
    this.#store.write(keyOf(call), true, this.#rememberMs);
  }

  /** The profile answers again. */
  lift(call: BlockedCall, { principal }: ParsedRefusal): void {
    const caller = callerIn(principal);
    if (caller !== undefined) this.#store.forget(`${keyOf(call)}:${caller}`);
  }
}

const keyOf = ({ region, action, modelId }: BlockedCall) => `block:${region}:${action}:${modelId}`;

/** What stays the same over the sessions of a role; undefined where the ARN hides who it is. */
function callerIn(arn: string | undefined): string | undefined {
  if (arn === undefined) return undefined;
  const { type, accountId, name } = parsePrincipal(arn);
  if (accountId === undefined || type === "unknown") return undefined;
  const isRole = type === "assumed-role" || type === "role";
  return `${accountId}:${isRole ? "role" : type}:${name ?? ""}`;
}

/** AWS's words are read anew: they, and not what someone made of them, are what is shared. */
function revive(stored: unknown): ParsedRefusal | undefined {
  const { raw, errorName, httpStatus } = stored as { raw?: unknown; errorName?: unknown; httpStatus?: unknown };
  if (typeof raw !== "string") return undefined;
  const refusal = parseRefusal(raw, {
    ...(typeof errorName === "string" ? { errorName } : {}),
    ...(typeof httpStatus === "number" ? { httpStatus } : {}),
  });
  return refusal ?? undefined;
}
