import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import { isAccount } from "../arn.js";
import { defined } from "../defined.js";
import type { DiagnosisSettings } from "../diagnose/options.js";
import type { OrganizationPolicies } from "../diagnose/ports.js";
import type { PolicyInput, ServiceControlLevel } from "../policy/evaluation/layers.js";
import { MalformedAnswer } from "../resolve/lookup-failure.js";
import type { SharedStore } from "../resolve/shared-store.js";
import { settingsLike } from "./client-settings.js";
import { SdkClients } from "./clients.js";
import { loadOrganizations } from "./packages.js";
import { pages } from "./pages.js";
import { SourceCache } from "./source-cache.js";

/** How long an organization's policies are cached, in milliseconds. Policy changes take minutes to propagate anyway. */
const ORGANIZATION_CACHE_MS = 300_000;

/**
 * The Region of the AWS Organizations endpoint, by partition (AWS General Reference, "AWS Organizations endpoints and
 * quotas").
 */
const HOMES: ReadonlyMap<string, string> = new Map([
  ["aws-cn", "cn-northwest-1"],
  ["aws-us-gov", "us-gov-west-1"],
]);

type Commands = typeof import("@aws-sdk/client-organizations");

/**
 * Reads the service control policies that apply to an account, level by level. Requires credentials of the management
 * account or of a delegated administrator (AWS Organizations API Reference, "ListPoliciesForTarget").
 */
export class OrganizationReader {
  readonly #clients: SdkClients;
  readonly #cache: SourceCache<OrganizationPolicies>;

  constructor(
    config: BedrockRuntimeClientResolvedConfig,
    { client, credentials }: Partial<NonNullable<DiagnosisSettings["organization"]>>,
    store: SharedStore | undefined,
  ) {
    this.#clients = new SdkClients(async (region) => {
      const { OrganizationsClient } = await loadOrganizations("OrganizationsClient");
      // Uses the runtime client's handler, which may have a proxy, and its pinned endpoint.
      const { settings, sharesHandler } = await settingsLike(config, region, "ORGANIZATIONS");
      return { client: new OrganizationsClient({ ...settings, ...defined({ credentials }) } as object), sharesHandler };
    }, client && { client });
    // A lookup makes many requests. None is sent after its last caller has left.
    this.#cache = new SourceCache({ ttlMs: ORGANIZATION_CACHE_MS, graceMs: 0, maxEntries: 100, store });
  }

  /** @throws the service's error, a NotInstalledError, or a NotLoadedError */
  async policiesAbove(accountId: string, partition: string, signal: AbortSignal): Promise<OrganizationPolicies> {
    const lookUp = (flight: AbortSignal) => this.#read(accountId, partition, flight);
    const sharing = { key: `organization:${partition}:${accountId}`, revive: organizationFrom };
    return this.#cache.get(`${partition} ${accountId}`, lookUp, signal, sharing);
  }

  destroy(): void {
    this.#cache.clear();
    this.#clients.destroy();
  }

  async #read(accountId: string, partition: string, signal: AbortSignal): Promise<OrganizationPolicies> {
    const commands = await loadOrganizations(
      "DescribeOrganizationCommand",
      "ListParentsCommand",
      "ListPoliciesForTargetCommand",
      "DescribePolicyCommand",
    );
    const region = HOMES.get(partition) ?? "us-east-1";
    const send: SendCommand = (command) => this.#clients.send(command, signal, region);
    const managementAccountId = managementAccountIn(await send(new commands.DescribeOrganizationCommand({})));
    const documents = new Map<string, Promise<PolicyInput>>();
    const levels: ServiceControlLevel[] = [];
    for await (const target of targetsAbove(accountId, commands, send)) {
      const ids = await attachedTo(target, commands, send);
      for (const id of ids) if (!documents.has(id)) documents.set(id, documentOf(id, commands, send));
      const policies = await Promise.all(ids.map((id) => documents.get(id) as Promise<PolicyInput>));
      levels.unshift({ level: target, policies });
    }
    return { levels: inForce(levels), managementAccountId };
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
function organizationFrom(stored: unknown): OrganizationPolicies | undefined {
  const { levels, managementAccountId } = stored as Partial<OrganizationPolicies>;
  const isPolicy = ({ name, document, arn = "" }: Partial<PolicyInput>) =>
    typeof name === "string" && typeof document === "string" && typeof arn === "string";
  const isLevel = ({ level, policies }: Partial<ServiceControlLevel>) =>
    typeof level === "string" && Array.isArray(policies) && policies.every(isPolicy);
  if (!Array.isArray(levels) || !levels.every(isLevel) || typeof managementAccountId !== "string") return undefined;
  return { levels, managementAccountId };
}

// biome-ignore lint/suspicious/noExplicitAny: several commands with different outputs. Each caller reads its own.
type SendCommand = (command: object) => Promise<any>;

/**
 * More levels than any organization has: a root, five levels of organizational units, and an account (AWS Organizations
 * User Guide, "Quotas").
 */
const MOST_ORGANIZATION_LEVELS = 10;

/** Returns the account, the organizational units above it, and the root, in this order. */
async function* targetsAbove(accountId: string, commands: Commands, send: SendCommand): AsyncGenerator<string> {
  const seen = new Set<string>();
  let target = accountId;
  while (true) {
    yield target;
    if (target.startsWith("r-")) return;
    seen.add(target);
    const parent = await parentOf(target, commands, send);
    if (seen.has(parent) || seen.size >= MOST_ORGANIZATION_LEVELS) {
      throw new MalformedAnswer(`ListParents returned no way from ${accountId} to a root.`);
    }
    target = parent;
  }
}

async function parentOf(id: string, { ListParentsCommand }: Commands, send: SendCommand): Promise<string> {
  const { Parents } = await send(new ListParentsCommand({ ChildId: id }));
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
  if (isAccount(id)) return id;
  throw new MalformedAnswer("DescribeOrganization returned no management account.");
}

async function attachedTo(
  TargetId: string,
  { ListPoliciesForTargetCommand }: Commands,
  send: SendCommand,
): Promise<string[]> {
  const Filter = "SERVICE_CONTROL_POLICY" as const;
  const ids: string[] = [];
  for await (const { Policies } of pages<{ Policies?: unknown; NextToken?: unknown }>(
    (NextToken) => send(new ListPoliciesForTargetCommand({ TargetId, Filter, ...defined({ NextToken }) })),
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

async function documentOf(
  PolicyId: string,
  { DescribePolicyCommand }: Commands,
  send: SendCommand,
): Promise<PolicyInput> {
  const { Policy } = await send(new DescribePolicyCommand({ PolicyId }));
  const { Id, Name, Arn } = Policy?.PolicySummary ?? {};
  if (Id !== PolicyId || typeof Policy?.Content !== "string") {
    throw new MalformedAnswer(`DescribePolicy returned no document of ${PolicyId}.`);
  }
  return { name: Name ?? PolicyId, document: Policy.Content, ...defined({ arn: Arn || undefined }) };
}
