import { buildArn, parseArn, partitionOfRegion } from "../arn.js";
import { defined } from "../defined.js";

/** The input of StartAsyncInvoke. */
export interface AsyncInvokeInput {
  accountId: string;
  sourceRegion: string;
  modelArn: string;
  outputDataConfig: unknown;
  clientRequestToken: string | undefined;
}

/** An asynchronous invocation as GetAsyncInvoke and ListAsyncInvokes return it. */
export interface AsyncInvocation {
  invocationArn: string;
  modelArn: string;
  clientRequestToken?: string;
  status: "InProgress" | "Completed";
  submitTime: string;
  lastModifiedTime: string;
  endTime?: string;
  outputDataConfig: unknown;
}

/** The maximum number of invocations. The oldest are dropped. */
const MOST_INVOCATIONS = 1_000;

/** The asynchronous invocations of a simulated Bedrock, oldest first. Nothing is written to Amazon S3. */
export class AsyncInvocations {
  readonly #all = new Map<string, AsyncInvocation>();

  /**
   * Starts an invocation. If a token is used again, returns the same invocation, or undefined if its parameters have
   * changed.
   */
  start({ accountId, sourceRegion, modelArn, outputDataConfig, clientRequestToken }: AsyncInvokeInput) {
    const earlier =
      clientRequestToken === undefined
        ? undefined
        : this.#of(accountId, sourceRegion).find((each) => each.clientRequestToken === clientRequestToken);
    if (earlier) {
      const isSame =
        earlier.modelArn === modelArn && JSON.stringify(earlier.outputDataConfig) === JSON.stringify(outputDataConfig);
      return isSame ? earlier : undefined;
    }
    const resource = `async-invoke/${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    const partition = partitionOfRegion(sourceRegion);
    const now = new Date().toISOString();
    const invocation: AsyncInvocation = {
      invocationArn: buildArn({ partition, service: "bedrock", region: sourceRegion, accountId, resource }),
      modelArn,
      ...defined({ clientRequestToken }),
      status: "InProgress",
      submitTime: now,
      lastModifiedTime: now,
      outputDataConfig,
    };
    this.#all.set(invocation.invocationArn, invocation);
    const [oldest] = this.#all.keys();
    if (this.#all.size > MOST_INVOCATIONS && oldest !== undefined) this.#all.delete(oldest);
    return invocation;
  }

  /**
   * Returns an invocation of this account in this Region. It's in progress when it's read for the first time, and then
   * completed.
   */
  read(arn: string, accountId: string, sourceRegion: string): AsyncInvocation | undefined {
    const invocation = this.#of(accountId, sourceRegion).find(({ invocationArn }) => invocationArn === arn);
    if (invocation === undefined) return undefined;
    const snapshot = { ...invocation };
    const now = new Date().toISOString();
    if (invocation.status === "InProgress") {
      Object.assign(invocation, { status: "Completed", lastModifiedTime: now, endTime: now });
    }
    return snapshot;
  }

  list(accountId: string, sourceRegion: string): AsyncInvocation[] {
    return this.#of(accountId, sourceRegion);
  }

  #of(accountId: string, sourceRegion: string): AsyncInvocation[] {
    return [...this.#all.values()].filter(({ invocationArn }) => {
      const arn = parseArn(invocationArn);
      return arn?.accountId === accountId && arn.region === sourceRegion;
    });
  }
}
