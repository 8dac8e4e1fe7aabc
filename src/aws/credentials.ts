import { createHash } from "node:crypto";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import { untilAborted } from "../abort.js";

interface Identity {
  accessKeyId?: string;
  sessionToken?: string;
  token?: string;
}

/**
 * How long a provider may take to refresh credentials, in milliseconds, before the call fails with its original error.
 */
const REFRESH_MS = 5_000;

/** One refresh. It applies to all calls that began before it ended, because they used the old credentials. */
interface Refresh {
  changed: Promise<boolean>;
  /** Milliseconds since the epoch. Undefined while the refresh is in progress. */
  ended: number | undefined;
  /** Ends the refresh after its time limit. Keeps the process alive only while a call waits. */
  limit: NodeJS.Timeout;
  waiting: number;
}

/** The credentials of one runtime client. Identifies and refreshes them. No secret leaves this file. */
export class CallerCredentials {
  readonly #config: BedrockRuntimeClientResolvedConfig;
  #refresh: Refresh | undefined;

  constructor(config: BedrockRuntimeClientResolvedConfig) {
    this.#config = config;
  }

  /**
   * Returns a text that identifies a set of credentials. Credentials that can't be distinguished have the same text.
   */
  async scope(): Promise<string> {
    const { accessKeyId, token } = await this.#identity(false).catch((): Identity => ({}));
    if (accessKeyId !== undefined || token === undefined) return accessKeyId ?? "nobody";
    return createHash("sha256").update(token).digest("hex");
  }

  /**
   * Refreshes the credentials, once for all calls that began before the refresh ended. Takes at most five seconds.
   *
   * @param signal ends this call's waiting
   * @returns true if the credentials changed. False if the provider returns the same credentials, fails, or doesn't
   * respond in time
   */
  async refresh(begun: number, signal?: AbortSignal): Promise<boolean> {
    const refresh = this.#refreshFor(begun);
    refresh.waiting += 1;
    refresh.limit.ref();
    try {
      return await (signal ? untilAborted(refresh.changed, signal) : refresh.changed);
    } catch {
      return false;
    } finally {
      refresh.waiting -= 1;
      if (refresh.waiting === 0) refresh.limit.unref();
    }
  }

  #refreshFor(begun: number): Refresh {
    const last = this.#refresh;
    if (last && (last.ended === undefined || begun <= last.ended)) return last;
    const end = new AbortController();
    const limit = setTimeout(() => end.abort(), REFRESH_MS);
    const refresh: Refresh = {
      // A refresh that doesn't end is abandoned. Calls that fail later start another one.
      changed: untilAborted(this.#renew(), end.signal)
        .catch(() => false)
        .finally(() => {
          clearTimeout(limit);
          refresh.ended = Date.now();
        }),
      ended: undefined,
      limit,
      waiting: 0,
    };
    this.#refresh = refresh;
    return refresh;
  }

  async #renew(): Promise<boolean> {
    const before = await this.#identity(false);
    const after = await this.#identity(true);
    return (
      before.accessKeyId !== after.accessKeyId ||
      before.sessionToken !== after.sessionToken ||
      before.token !== after.token
    );
  }

  async #identity(forceRefresh: boolean): Promise<Identity> {
    const { credentials, token } = this.#config;
    const options = { forceRefresh };
    if (!(await isBearer(this.#config))) return credentials(options as object);
    // The SDK reads the key from the environment without setting `token`.
    const { AWS_BEARER_TOKEN_BEDROCK: key } = process.env;
    return token?.(options as object) ?? (key === undefined ? {} : { token: key });
  }
}

/**
 * Returns true if calls are made with an Amazon Bedrock API key. Any credentials that are also configured then aren't
 * the caller's.
 */
export async function isBearer({ authSchemePreference }: BedrockRuntimeClientResolvedConfig): Promise<boolean> {
  const preferred = await authSchemePreference?.();
  return preferred?.[0]?.includes("httpBearerAuth") === true;
}
