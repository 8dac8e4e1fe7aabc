import type { OrganizationsClient } from "@aws-sdk/client-organizations";
import type { OrganizationPolicies } from "../diagnose/ports.js";
import type { ControlPlaneClient, OrganizationOptions } from "../options.js";
import type { PolicyInput, ServiceControlLevel } from "../policy/layers.js";
import { LookupCache } from "../resolve/cache.js";
import { NotInstalledError } from "../resolve/lookup-failure.js";
import type { SharedStore } from "../resolve/shared-store.js";

/** How long an organization's policies are kept, in milliseconds: changes of policies take minutes to spread anyway. */
const KEPT_MS = 300_000;

/** Where AWS Organizations is, by partition (AWS General Reference, "AWS Organizations endpoints and quotas"). */
const HOMES: Record<string, string> = { "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1" };

type Commands = typeof import("@aws-sdk/client-organizations");

/**
 * Reads the service control policies above an account, level by level, with credentials of the management account or of a
 * delegated administrator: nobody else may (AWS Organizations API Reference, "ListPoliciesForTarget").
 */
export class OrganizationReader {
  readonly #options: OrganizationOptions;
  readonly #cache: LookupCache<OrganizationPolicies, unknown>;
  #own: OrganizationsClient | undefined;

  constructor(options: OrganizationOptions, store: SharedStore | undefined) {
    this.#options = options;
    // The error itself is kept, for its name, and for as long as any failed lookup.
    const describe = (error: unknown) => error;
    const limits = { failureTtlMs: 30_000, timeoutMs: 30_000, maxEntries: 100, now: Date.now };
    this.#cache = new LookupCache({ ttlMs: KEPT_MS, ...limits, describe, store });
  }

  /** @throws the service's error, or a NotInstalledError */
  async policiesAbove(accountId: string, partition: string, signal: AbortSignal): Promise<OrganizationPolicies> {
    const lookUp = (flight: AbortSignal) => this.#read(accountId, partition, flight);
    const sharing = { key: `organization:${partition}:${accountId}`, revive };
    const answer = await this.#cache.get(`${partition} ${accountId}`, lookUp, signal, sharing);
    if ("value" in answer) return answer.value;
    throw answer.failure;
  }

  destroy(): void {
    this.#cache.clear();
    this.#own?.destroy();
    this.#own = undefined;
  }

  async #read(accountId: string, partition: string, signal: AbortSignal): Promise<OrganizationPolicies> {
    const commands = await import("@aws-sdk/client-organizations").catch(() => {
      throw new NotInstalledError("@aws-sdk/client-organizations");
    });
    const ask = this.#asking(commands, partition, signal);
    const { Organization } = await ask(new commands.DescribeOrganizationCommand({}));
    const documents = new Map<string, Promise<PolicyInput>>();
    const levels: ServiceControlLevel[] = [];
    for (
      let target: string | undefined = accountId;
      target !== undefined;
      target = await parentOf(target, commands, ask)
    ) {
      const ids = await attachedTo(target, commands, ask);
      for (const id of ids) if (!documents.has(id)) documents.set(id, documentOf(id, commands, ask));
      const policies = await Promise.all(ids.map((id) => documents.get(id) as Promise<PolicyInput>));
      levels.unshift({ level: target, policies });
    }
    const managementAccountId = Organization?.MasterAccountId;
    return { levels, ...(managementAccountId ? { managementAccountId } : {}) };
  }

  #asking(commands: Commands, partition: string, signal: AbortSignal): Ask {
    const { client, credentials } = this.#options;
    const region = HOMES[partition] ?? "us-east-1";
    const settings = credentials === undefined ? { region } : { region, credentials };
    if (client === undefined) this.#own ??= new commands.OrganizationsClient(settings as { region: string });
    const via = (client ?? this.#own) as ControlPlaneClient;
    return (command) => via.send(command, { abortSignal: signal });
  }
}

/** What another process read, if it has the form; whether its documents are policies is found out where they are used. */
function revive(stored: unknown): OrganizationPolicies | undefined {
  const { levels, managementAccountId } = stored as Partial<OrganizationPolicies>;
  const isPolicy = (each: Partial<PolicyInput>) => typeof each?.name === "string" && typeof each.document === "string";
  const isLevel = ({ level, policies }: Partial<ServiceControlLevel>) =>
    typeof level === "string" && Array.isArray(policies) && policies.every(isPolicy);
  if (!Array.isArray(levels) || levels.length === 0 || !levels.every(isLevel)) return undefined;
  return typeof managementAccountId === "string" ? { levels, managementAccountId } : { levels };
}

// biome-ignore lint/suspicious/noExplicitAny: the outputs of several commands, each read by its own few lines.
type Ask = (command: unknown) => Promise<any>;

/** The organizational unit or root above; undefined for the root. */
async function parentOf(id: string, { ListParentsCommand }: Commands, ask: Ask): Promise<string | undefined> {
  if (id.startsWith("r-")) return undefined;
  const { Parents } = await ask(new ListParentsCommand({ ChildId: id }));
  const parent: unknown = Parents?.[0]?.Id;
  if (typeof parent !== "string" || parent === "") throw new SyntaxError(`ListParents named no parent of ${id}.`);
  return parent;
}

async function attachedTo(target: string, { ListPoliciesForTargetCommand }: Commands, ask: Ask): Promise<string[]> {
  const ids: string[] = [];
  let NextToken: string | undefined;
  do {
    const input = { TargetId: target, Filter: "SERVICE_CONTROL_POLICY" as const, ...(NextToken ? { NextToken } : {}) };
    const page = await ask(new ListPoliciesForTargetCommand(input));
    for (const { Id } of page.Policies ?? []) ids.push(Id);
    NextToken = page.NextToken;
  } while (NextToken);
  return ids;
}

async function documentOf(PolicyId: string, { DescribePolicyCommand }: Commands, ask: Ask): Promise<PolicyInput> {
  const { Policy } = await ask(new DescribePolicyCommand({ PolicyId }));
  const { Name, Arn } = Policy?.PolicySummary ?? {};
  return { name: Name ?? PolicyId, document: Policy?.Content, ...(Arn ? { arn: Arn } : {}) };
}
