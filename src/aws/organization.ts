import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import type { OrganizationsClient, OrganizationsClientConfig } from "@aws-sdk/client-organizations";
import type { OrganizationPolicies } from "../diagnose/ports.js";
import type { ControlPlaneClient, OrganizationOptions } from "../options.js";
import type { PolicyInput, ServiceControlLevel } from "../policy/layers.js";
import { LookupCache, settled } from "../resolve/cache.js";
import { MalformedAnswer } from "../resolve/lookup-failure.js";
import type { SharedStore } from "../resolve/shared-store.js";
import { assertWanted } from "../resolve/waiting.js";
import { optional, patiently, settingsLike, unusable } from "./clients.js";
import { ifWanted } from "./if-wanted.js";
import { pages } from "./pages.js";

/** How long an organization's policies are cached, in milliseconds. Policy changes take minutes to propagate anyway. */
const KEPT_MS = 300_000;

/**
 * The Region of the AWS Organizations endpoint, by partition (AWS General Reference, "AWS Organizations endpoints and
 * quotas").
 */
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
 * Reads the service control policies that apply to an account, level by level. Requires credentials of the management
 * account or of a delegated administrator (AWS Organizations API Reference, "ListPoliciesForTarget").
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
    // The error itself is kept, because its name is needed. It's kept as long as any failed lookup.
    const describe = (error: unknown) => error;
    const limits = { failureTtlMs: 30_000, timeoutMs: 30_000, graceMs: 0, maxEntries: 100, now: Date.now };
    this.#cache = new LookupCache({ ttlMs: KEPT_MS, ...limits, describe, store });
  }

  /** @throws the service's error, a NotInstalledError, or a NotLoadedError */
  async policiesAbove(accountId: string, partition: string, signal: AbortSignal): Promise<OrganizationPolicies> {
    const lookUp = (flight: AbortSignal) => this.#read(accountId, partition, flight);
    const sharing = { key: `organization:${partition}:${accountId}`, revive };
    return settled(await this.#cache.get(`${partition} ${accountId}`, lookUp, signal, sharing));
  }

  destroy(): void {
    this.#cache.clear();
    // If the handler belongs to the application, the application closes it.
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
    const managementAccountId = managementAccountIn(await ask(new commands.DescribeOrganizationCommand({})));
    const documents = new Map<string, Promise<PolicyInput>>();
    const levels: ServiceControlLevel[] = [];
    for await (const target of targetsAbove(accountId, commands, ask)) {
      const ids = await attachedTo(target, commands, ask);
      for (const id of ids) if (!documents.has(id)) documents.set(id, documentOf(id, commands, ask));
      const policies = await Promise.all(ids.map((id) => documents.get(id) as Promise<PolicyInput>));
      levels.unshift({ level: target, policies });
    }
    return { levels: inForce(levels), managementAccountId };
  }

  async #asking(commands: Commands, partition: string, signal: AbortSignal): Promise<Ask> {
    const { client, credentials } = this.#options;
    if (client) {
      return async (command) => {
        assertWanted(signal);
        return client.send(ifWanted(command, signal), { abortSignal: signal });
      };
    }
    if (this.#own === undefined) {
      // Uses the runtime client's handler, which may have a proxy, and its pinned endpoint.
      const region = HOMES[partition] ?? "us-east-1";
      const { settings, sharesHandler } = await settingsLike(this.#config, region, "ORGANIZATIONS");
      const own = { ...settings, ...(credentials ? { credentials } : {}) } as OrganizationsClientConfig;
      this.#own ??= { client: new commands.OrganizationsClient(own), sharesHandler };
    }
    const via = this.#own.client as ControlPlaneClient;
    return (command) => patiently(() => via.send(ifWanted(command, signal), { abortSignal: signal }), signal);
  }
}

/**
 * Returns no policies if service control policies aren't enabled, because no target then has one attached. If they are
 * enabled, every level has at least one (AWS Organizations User Guide, "Disabling a policy type" and "Attaching and
 * detaching service control policies").
 */
function inForce(levels: ServiceControlLevel[]): ServiceControlLevel[] {
  if (levels.every(({ policies }) => policies.length === 0)) return [];
  const bare = levels.find(({ policies }) => policies.length === 0);
  if (bare) throw new MalformedAnswer(`ListPoliciesForTarget returned no policies for ${bare.level}.`);
  return levels;
}

/**
 * Returns the policies that another process read, if their format is valid. The documents themselves are validated when
 * they are used.
 */
function revive(stored: unknown): OrganizationPolicies | undefined {
  const { levels, managementAccountId } = stored as Partial<OrganizationPolicies>;
  const isPolicy = ({ name, document, arn = "" }: Partial<PolicyInput>) =>
    typeof name === "string" && typeof document === "string" && typeof arn === "string";
  const isLevel = ({ level, policies }: Partial<ServiceControlLevel>) =>
    typeof level === "string" && Array.isArray(policies) && policies.every(isPolicy);
  if (!Array.isArray(levels) || !levels.every(isLevel) || typeof managementAccountId !== "string") return undefined;
  return { levels, managementAccountId };
}

// biome-ignore lint/suspicious/noExplicitAny: several commands with different outputs. Each caller reads its own.
type Ask = (command: object) => Promise<any>;

/**
 * More levels than any organization has: a root, five levels of organizational units, and an account (AWS Organizations
 * User Guide, "Quotas").
 */
const MOST_LEVELS = 10;

/** Returns the account, the organizational units above it, and the root, in this order. */
async function* targetsAbove(accountId: string, commands: Commands, ask: Ask): AsyncGenerator<string> {
  const seen = new Set<string>();
  let target = accountId;
  while (true) {
    yield target;
    if (target.startsWith("r-")) return;
    seen.add(target);
    const parent = await parentOf(target, commands, ask);
    if (seen.has(parent) || seen.size >= MOST_LEVELS) {
      throw new MalformedAnswer(`ListParents returned no way from ${accountId} to a root.`);
    }
    target = parent;
  }
}

async function parentOf(id: string, { ListParentsCommand }: Commands, ask: Ask): Promise<string> {
  const { Parents } = await ask(new ListParentsCommand({ ChildId: id }));
  const parent: unknown = Parents?.[0]?.Id;
  if (typeof parent !== "string" || parent === "")
    throw new MalformedAnswer(`ListParents returned no parent of ${id}.`);
  return parent;
}

/**
 * Returns the management account. Service control policies don't apply to it. If it's unknown, no account can be
 * evaluated.
 */
function managementAccountIn({ Organization }: { Organization?: { MasterAccountId?: unknown } }): string {
  const id = Organization?.MasterAccountId;
  if (typeof id === "string" && /^\d{12}$/.test(id)) return id;
  throw new MalformedAnswer("DescribeOrganization returned no management account.");
}

async function attachedTo(TargetId: string, { ListPoliciesForTargetCommand }: Commands, ask: Ask): Promise<string[]> {
  const Filter = "SERVICE_CONTROL_POLICY" as const;
  const ids: string[] = [];
  for await (const { Policies } of pages<{ Policies?: unknown; NextToken?: unknown }>(
    (NextToken) => ask(new ListPoliciesForTargetCommand({ TargetId, Filter, ...(NextToken ? { NextToken } : {}) })),
    ({ NextToken }) => NextToken ?? undefined,
    "ListPoliciesForTarget",
  )) {
    // A policy that is left out would not be evaluated.
    const listed = Array.isArray(Policies) ? Policies.map((policy) => policy?.Id) : [undefined];
    for (const id of listed) {
      if (typeof id !== "string" || id === "") {
        throw new MalformedAnswer(`ListPoliciesForTarget returned no list of the policies of ${TargetId}.`);
      }
      ids.push(id);
    }
  }
  return [...new Set(ids)];
}

async function documentOf(PolicyId: string, { DescribePolicyCommand }: Commands, ask: Ask): Promise<PolicyInput> {
  const { Policy } = await ask(new DescribePolicyCommand({ PolicyId }));
  const { Id, Name, Arn } = Policy?.PolicySummary ?? {};
  if (Id !== PolicyId || typeof Policy?.Content !== "string") {
    throw new MalformedAnswer(`DescribePolicy returned no document of ${PolicyId}.`);
  }
  return { name: Name ?? PolicyId, document: Policy.Content, ...(Arn ? { arn: Arn } : {}) };
}
