import { createHash } from "node:crypto";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";

interface Identity {
  accessKeyId?: string;
  sessionToken?: string;
  token?: string;
}

/** The credentials of one runtime client: what tells them apart, and how they are renewed. No secret leaves this file. */
export class CallerCredentials {
  readonly #config: BedrockRuntimeClientResolvedConfig;
  #refreshed: { begun: number; changed: Promise<boolean> } | undefined;

  constructor(config: BedrockRuntimeClientResolvedConfig) {
    this.#config = config;
  }

  /** Tells one set of credentials from another; the same text for all that cannot be told apart. */
  async scope(): Promise<string> {
    const { accessKeyId, token } = await this.#identity(false).catch((): Identity => ({}));
    if (accessKeyId !== undefined || token === undefined) return accessKeyId ?? "nobody";
    return createHash("sha256").update(token).digest("hex");
  }

  /**
   * Asks the provider for new credentials, once for all calls that began before.
   *
   * @returns true where others came of it; false where the provider has no others, or fails
   */
  refresh(begun: number): Promise<boolean> {
    if (this.#refreshed && begun <= this.#refreshed.begun) return this.#refreshed.changed;
    this.#refreshed = { begun: Date.now(), changed: this.#renew().catch(() => false) };
    return this.#refreshed.changed;
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
    const provider = ((await isBearer(this.#config)) ? token : credentials) as (options: {
      forceRefresh: boolean;
    }) => Promise<Identity>;
    return provider({ forceRefresh });
  }
}

/** True where calls are made with a Bedrock API key: the credentials, if there are any, are not the caller's then. */
export async function isBearer({ token, authSchemePreference }: BedrockRuntimeClientResolvedConfig): Promise<boolean> {
  const preferred = await authSchemePreference?.();
  return token !== undefined && preferred?.[0]?.includes("httpBearerAuth") === true;
}
