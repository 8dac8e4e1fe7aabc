import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { AccessDeniedException, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Diagnosis, type EvidenceSource, type Finding, isDiagnosedError } from "../../src/index.js";
import { type Fault, SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf, inProcess } from "../in-process.js";
import { FULL, policy } from "../policies.js";

// Every source, failing in every way: the call ends in time, with its own error. The evidence shows what failed, and
// how.

const NOVA = "us.amazon.nova-pro-v1:0";
const SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const ACCOUNT = "111122223333";
const MANAGEMENT = "999900001111";
const DEADLINE_MS = 2_000;
const SHORT_DEADLINE_MS = 300;

const DENY_WEST = policy("DenyWest", {
  Effect: "Deny",
  Action: "bedrock:Invoke*",
  Resource: "*",
  Condition: { StringEquals: { "aws:RequestedRegion": "us-west-2" } },
});

/** One request of a source. */
interface Source {
  source: EvidenceSource;
  operation: NonNullable<Fault["operation"]>;
  modelId?: string;
  /** AWS's message hides who calls. */
  isCallerHidden?: boolean;
}

const SOURCES: Source[] = [
  { source: "profile", operation: "GetInferenceProfile" },
  { source: "foundation-model", operation: "GetFoundationModelAvailability" },
  { source: "identity", operation: "GetCallerIdentity", isCallerHidden: true },
  { source: "identity", operation: "GetRole" },
  { source: "simulation", operation: "SimulatePrincipalPolicy" },
  { source: "organization", operation: "DescribeOrganization" },
  { source: "organization", operation: "ListParents" },
  { source: "organization", operation: "ListPoliciesForTarget" },
  { source: "organization", operation: "DescribePolicy" },
  { source: "probe", operation: "Converse" },
];

const FAILURES: [string, Omit<Fault, "operation">, RegExp][] = [
  ["denied", { status: 403, errorName: "AccessDeniedException", message: "no" }, /AccessDenied|denied|refused/],
  ["throttled", { name: "throttling" }, /Throttling/],
  ["failing", { name: "internal-error" }, /InternalServer/],
  ["slow", { hang: true }, /"deadline"|"timeout"|TimeoutError/],
  ["malformed", { body: "<html>" }, /"reason":"(error|malformed|other)"|"errorName":"(Error|SyntaxError)"/],
  ["gone", { name: "connection-reset" }, /"reason":"(error|unreachable)"|"errorName":"(Error|TimeoutError)"/],
];

function simulated(): SimulatedBedrock {
  return new SimulatedBedrock({
    organization: {
      managementAccountId: MANAGEMENT,
      root: { name: "Root", policies: [FULL, DENY_WEST], accounts: [{ id: ACCOUNT }] },
    },
    principals: [
      { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session` },
      { arn: `arn:aws:iam::${MANAGEMENT}:role/Auditor`, accessKeyId: "AKIDAUDITOR" },
    ],
  });
}

/** A client with every source on. */
function clientWithAll(bedrock: SimulatedBedrock, timeoutMs: number) {
  const auditor = new OrganizationsClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDAUDITOR", secretAccessKey: "S" },
    requestHandler: inProcess(bedrock) as never,
    maxAttempts: 1,
  });
  const client = clientOf(bedrock, {
    diagnosis: {
      timeoutMs,
      simulation: { requestsPerSecond: 50 },
      organization: { client: auditor },
      probe: { mayStartSubscription: true },
    },
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** The failure starts after the call itself was denied. */
function onceRefused(make: () => void): void {
  subscribe("resilient-bedrock:refusal", make);
  onTestFinished(() => void unsubscribe("resilient-bedrock:refusal", make));
}

async function refused(
  bedrock: SimulatedBedrock,
  timeoutMs: number,
  { modelId = NOVA, isCallerHidden }: Partial<Source> = {},
): Promise<Diagnosis> {
  if (isCallerHidden) {
    bedrock.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: `User: *** is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 with an explicit deny in a service control policy`,
      times: 1,
    });
  }
  const client = clientWithAll(bedrock, timeoutMs);
  const begun = performance.now();
  const error: unknown = await client
    .send(new ConverseCommand({ modelId, messages: [{ role: "user", content: [{ text: "hello" }] }] }))
    .catch((thrown: unknown) => thrown);
  // The deadline, the call itself, and a loaded machine.
  expect(performance.now() - begun).toBeLessThan(timeoutMs + 5_000);
  expect(error).toBeInstanceOf(AccessDeniedException);
  expect((error as AccessDeniedException).$metadata.httpStatusCode).toBe(403);
  if (!isDiagnosedError(error)) throw error;
  expect(error.message).toContain(error.diagnosis.refusal.raw);
  return error.diagnosis;
}

const told = ({ evidence }: Diagnosis, source: EvidenceSource): Finding[] =>
  evidence.filter((piece) => piece.source === source).map(({ finding }) => finding);

describe.each(SOURCES)("$source, $operation", (asked) => {
  it.each(FAILURES)("%s", async (_, fault, says) => {
    const bedrock = simulated();
    onceRefused(() => bedrock.fault({ ...fault, operation: asked.operation }));
    const diagnosis = await refused(bedrock, fault.hang ? SHORT_DEADLINE_MS : DEADLINE_MS, asked);
    const findings = told(diagnosis, asked.source);
    expect(JSON.stringify(findings)).toMatch(says);
    // Whatever fails, nothing is called allowed, and nothing but what is blocked is called so.
    expect(diagnosis.legs.filter(({ verdict }) => verdict === "allowed")).toEqual([]);
    expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
    expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
  });
});

it("all sources that never respond share one deadline, and each is reported", async () => {
  const bedrock = simulated();
  onceRefused(() => {
    for (const { operation } of SOURCES) bedrock.fault({ operation, hang: true });
  });
  const diagnosis = await refused(bedrock, SHORT_DEADLINE_MS, { modelId: SONNET });
  expect(diagnosis.complete).toBe(false);
  expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
  for (const source of ["profile", "foundation-model", "identity", "simulation", "organization", "probe"] as const) {
    expect(told(diagnosis, source), source).not.toEqual([]);
  }
});

it("the caller's signal ends all sources immediately", async () => {
  const bedrock = simulated();
  const gone = new AbortController();
  onceRefused(() => {
    for (const { operation } of SOURCES) bedrock.fault({ operation, hang: true });
    setTimeout(() => gone.abort(), 20);
  });
  const client = clientOf(bedrock, { diagnosis: { timeoutMs: 60_000, simulation: true, probe: true } });
  onTestFinished(() => client.destroy());
  const begun = performance.now();
  const error = await client
    .send(new ConverseCommand({ modelId: NOVA, messages: [] }), { abortSignal: gone.signal })
    .catch((thrown) => thrown);
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(error.diagnosis).toMatchObject({ complete: false, blockedRegions: ["us-west-2"] });
});
