import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import type { OrganizationsClient, OrganizationsClientConfig } from "@aws-sdk/client-organizations";
import type { OrganizationPolicies } from "../diagnose/ports.js";
import type { ControlPlaneClient, OrganizationOptions } from "../options.js";
import type { PolicyInput, ServiceControlLevel } from "../policy/layers.js";
import { LookupCache } from "../resolve/cache.js";
import { MalformedAnswer } from "../resolve/lookup-failure.js";
import type { SharedStore } from "../resolve/shared-store.js";
import { optional, patiently, settingsLike, unusable } from "./clients.js";

/** How long an organization's policies are kept, in milliseconds: changes of policies take minutes to spread anyway. */
const KEPT_MS = 300_000;

/** Where AWS Organizations is, by partition (AWS General Reference, "AWS Organizations endpoints and quotas"). */
const HOMES: Record<string, string> = { "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1" };

type Commands = typeof import("@aws-sdk/client-organizations");

const loadOrganizations = optional("@aws-sdk/client-organizations", async () => {
  try {
    return await import("@aws-sdk/client-organizations");
  } catch (error) {
    throw unusable("@aws-sdk/client-organizations", error);
  }
});

/**
 * Reads the service control policies above an account, level by level, with credentials of the management account or of a
 * delegated administrator: nobody else may (AWS Organizations API Reference, "ListPoliciesForTarget").
 */
export class OrganizationReader {
  readonly #config: BedrockRuntimeClientResolvedConfig;
  readonly #options: OrganizationOptions;
  readonly #cache: LookupCache<OrganizationPolicies, unknown>;
  #own: { client: OrganizationsClient; sharesHandler: boolean } | undefined;

  constructor(
    config: BedrockRuntimeClientResolvedConfig,
    options: OrganizationOptions,
    store: SharedStore | undefined,
  ) {
    this.#config = config;
    this.#options = options;
    // The error itself is kept, for its name, and for as long as any failed lookup.
    const describe = (error: unknown) => error;
    const limits = { failureTtlMs: 30_000, timeoutMs: 30_000, maxEntries: 100, now: Date.now };
    this.#cache = new LookupCache({ ttlMs: KEPT_MS, ...limits, describe, store });
  }

  /** @throws the service's error, a NotInstalledError, or a NotLoadedError */
  async policiesAbove(accountId: string, partition: string, signal: AbortSignal): Promise<OrganizationPolicies> {
    const lookUp = (flight: AbortSignal) => this.#read(accountId, partition, flight);
    const sharing = { key: `organization:${partition}:${accountId}`, revive };
    const answer = await this.#cache.get(`${partition} ${accountId}`, lookUp, signal, sharing);
    if ("value" in answer) return answer.value;
    throw answer.failure;
  }

  destroy(): void {
    this.#cache.clear();
    // A handler that is the application's is closed by the application.
    if (this.#own && !this.#own.sharesHandler) this.#own.client.destroy();
    this.#own = undefined;
  }

  async #read(accountId: string, partition: string, signal: AbortSignal): Promise<OrganizationPolicies> {
    const commands = await loadOrganizations(
      "OrganizationsClient",
      "DescribeOrganizationCommand",
      "ListParentsCommand",
      "ListPoliciesForTargetCommand",
      "DescribePolicyCommand",
    );
    const ask = await this.#asking(commands, partition, signal);
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
    return { levels: inForce(levels), ...(managementAccountId ? { managementAccountId } : {}) };
  }

  async #asking(commands: Commands, partition: string, signal: AbortSignal): Promise<Ask> {
    const { client, credentials } = this.#options;
    if (client) return (command) => client.send(command, { abortSignal: signal });
    if (this.#own === undefined) {
      // The way out of the runtime client: its handler with a proxy, its pinned endpoint.
      const region = HOMES[partition] ?? "us-east-1";
      const { settings, sharesHandler } = await settingsLike(this.#config, region, "ORGANIZATIONS");
      const own = { ...settings, ...(credentials ? { credentials } : {}) } as OrganizationsClientConfig;
      this.#own ??= { client: new commands.OrganizationsClient(own), sharesHandler };
    }
    const via = this.#own.client as ControlPlaneClient;
    return (command) => patiently(() => via.send(command, { abortSignal: signal }), signal);
  }
}

/**
 * None where service control policies are not enabled: then none is attached to anything. Where they are, every level has
 * one (AWS Organizations User Guide, "Disabling a policy type" and "Attaching and detaching service control policies").
 */
function inForce(levels: ServiceControlLevel[]): ServiceControlLevel[] {
  if (levels.every(({ policies }) => policies.length === 0)) return [];
  const bare = levels.find(({ policies }) => policies.length === 0);
  if (bare) throw new MalformedAnswer(`ListPoliciesForTarget named no policy of ${bare.level}.`);
  return levels;
}

/** What another process read, if it has the form; whether its documents are policies is found out where they are used. */
function revive(stored: unknown): OrganizationPolicies | undefined {
  const { levels, managementAccountId } = stored as Partial<OrganizationPolicies>;
  const isPolicy = ({ name, document, arn = "" }: Partial<PolicyInput>) =>
    typeof name === "string" && typeof document === "string" && typeof arn === "string";
  const isLevel = ({ level, policies }: Partial<ServiceControlLevel>) =>
    typeof level === "string" && Array.isArray(policies) && policies.every(isPolicy);
  if (!Array.isArray(levels) || !levels.every(isLevel)) return undefined;
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
