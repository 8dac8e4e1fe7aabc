/** The modes of the control plane (Amazon Bedrock API Reference, "PutAccountDataRetention"). */
export const MODES = ["default", "none", "aws_review", "provider_data_share", "inherit"] as const;

export type DataRetentionMode = (typeof MODES)[number];

/** An account's setting in one Region. */
interface Setting {
  mode: DataRetentionMode;
  updatedAt?: string;
}

/** The maximum number of settings, because a client can send any Region. */
const MOST_SETTINGS = 1_000;

/** The data retention mode of each account in each Region. */
export class DataRetention {
  readonly #settings = new Map<string, Setting>();
  readonly #initial: DataRetentionMode;

  constructor(initial: DataRetentionMode) {
    if (!MODES.includes(initial)) {
      throw new TypeError(`dataRetention must be one of ${MODES.join(", ")}; it is ${JSON.stringify(initial)}.`);
    }
    this.#initial = initial;
  }

  of(accountId: string, region: string): Setting {
    return this.#settings.get(`${accountId} ${region}`) ?? { mode: this.#initial };
  }

  set(accountId: string, region: string, mode: DataRetentionMode): Setting {
    const setting = { mode, updatedAt: new Date().toISOString() };
    this.#settings.set(`${accountId} ${region}`, setting);
    const [oldest] = this.#settings.keys();
    if (this.#settings.size > MOST_SETTINGS && oldest !== undefined) this.#settings.delete(oldest);
    return setting;
  }
}
