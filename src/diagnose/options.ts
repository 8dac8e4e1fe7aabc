import type { ControlPlaneClient } from "../aws/clients.js";
import {
  type Check,
  flag,
  listOf,
  mapOf,
  milliseconds,
  optional,
  settings,
  valid,
  withMethods,
  wrong,
} from "../check.js";
import { type CompiledPolicies, compiledIn, type PolicySet } from "../policy/evaluation/sealed.js";
import { isGuardrailArn, isGuardrailId, isGuardrailProfileArn } from "../resolve/guardrail-arn.js";

/** Options for the diagnosis of denied calls. */
export interface DiagnosisOptions {
  /**
   * If false, every error is thrown exactly as the SDK threw it.
   * @default true
   */
  enabled?: boolean;
  /**
   * The deadline of a diagnosis, in milliseconds, from 0 to 60,000. At the deadline, the error is thrown with what is
   * known so far (`diagnosis.complete` is false). 0 makes no lookups and uses only the error message.
   * @default 2000
   */
  timeoutMs?: number;
  /**
   * The policies that apply to the application's calls. You don't have to provide all of them. They are evaluated for
   * each leg of a denied call, and remedies are tested on them. `policySet` from `resilient-bedrock/offline` validates
   * and compiles them once.
   */
  policies?: PolicySet;
  /**
   * Reads the service control policies (SCPs) that apply to the caller's account from AWS Organizations, after IAM
   * denies a call. Requires the package @aws-sdk/client-organizations, and credentials of the management account or of
   * a delegated administrator with `organizations:DescribeOrganization`, `ListParents`, `ListPoliciesForTarget`, and
   * `DescribePolicy`. They take precedence over `policies.serviceControl`, and are cached for five minutes.
   * @default off
   */
  organization?: OrganizationOptions;
  /**
   * Calls IAM's policy simulator for each leg of a call that IAM denies. Requires the package @aws-sdk/client-iam and
   * `iam:SimulatePrincipalPolicy` (and `iam:GetRole`, for the role's path). The simulator evaluates identity-based
   * policies, the permissions boundary, and service control policies. It can't evaluate session policies, VPC endpoint
   * policies, or condition keys that only service control policies use. If a leg depends on these, it stays `unknown`,
   * and `likely` contains the expected verdict.
   * @default off
   */
  simulation?: boolean | SimulationOptions;
  /**
   * Sends one request without content after IAM denies a call. Bedrock either denies it or returns a validation error.
   * It appears in CloudTrail as an error, at most once in 20 seconds.
   * @default off
   */
  probe?: boolean | ProbeOptions;
  /**
   * The ARNs of the guardrails that the account or the organization enforces, in any Region. Bedrock applies them to
   * every invocation in their Region, and the caller needs `bedrock:ApplyGuardrail` on them. An empty list states that
   * no guardrail is enforced. If you omit it, the enforced guardrails are unknown, and a preflight isn't `allowed`.
   * @default unknown
   */
  enforcedGuardrails?: readonly string[];
  /**
   * The ARNs of the guardrail profile in all destination Regions, by the ID or ARN of the guardrail. A cross-Region
   * guardrail needs `bedrock:ApplyGuardrail` on each of them. An empty list states that the guardrail doesn't use
   * cross-Region inference. If you omit a guardrail, a preflight of a call with it isn't `allowed`.
   * @default unknown
   */
  guardrailProfiles?: Readonly<Record<string, readonly string[]>>;
}

/** Options for IAM's policy simulator. */
export interface SimulationOptions {
  /** Credentials, or a provider that returns them. @default the client's own */
  credentials?: object | (() => Promise<object>);
  /** An IAMClient that the application created. The library never destroys it. */
  client?: ControlPlaneClient;
  /**
   * How many requests are started in a second, one after another, above 0 and at most 50. A diagnosis makes one request
   * for each Region of the profile, and one additional request.
   * @default 2
   */
  requestsPerSecond?: number;
}

/** Options for the probe. */
export interface ProbeOptions {
  /**
   * If true, the probe is also sent if it could subscribe the account to a model in AWS Marketplace.
   * @default false
   */
  mayStartSubscription?: boolean;
}

/** How to access AWS Organizations. Provide one of the two options. */
export interface OrganizationOptions {
  /** Credentials, or a provider that returns them, in the form that the SDK's clients accept. */
  credentials?: object | (() => Promise<object>);
  /** An OrganizationsClient that the application created. The library never destroys it. */
  client?: ControlPlaneClient;
}

/** The checks of the options that determine the sources of a diagnosis. A preflight has the same options. */
export const sourceChecks = () => ({
  policies: optional(compiledPolicies),
  organization: optional(organizationSettings),
  simulation: switchable(simulationSettings),
  probe: switchable(probeSettings),
  enforcedGuardrails: optional(
    listOf(
      isGuardrailArn,
      "a list of ARNs",
      'the ARN of a guardrail, such as "arn:aws:bedrock:us-east-1:111122223333:guardrail/gr1abc"',
    ),
  ),
  guardrailProfiles: optional(guardrailProfiles),
});

/** Checks the options and fills in the defaults. */
export const diagnosisSettings = (value: DiagnosisOptions | undefined, path: string) =>
  settings(value, path, { enabled: flag(true), timeoutMs: milliseconds(2_000, 60_000), ...sourceChecks() });

/** The options of a diagnosis, with every default filled in. */
export type DiagnosisSettings = ReturnType<typeof diagnosisSettings>;

/** Returns the content of a policy set. */
export function compiledPolicies(value: PolicySet | undefined, path: string): CompiledPolicies {
  const compiled = compiledIn(value);
  if (compiled !== undefined) return compiled;
  throw wrong(path, value, 'made by policySet({ … }) from "resilient-bedrock/offline" of the same release');
}

function organizationSettings(value: OrganizationOptions | undefined, path: string) {
  const access = settings(value, path, accessChecks("an OrganizationsClient"));
  if ((access.credentials === undefined) !== (access.client === undefined)) return access;
  throw wrong(path, value, "an object with either credentials or a client");
}

function simulationSettings(value: SimulationOptions | undefined, path: string) {
  const requestsPerSecond = valid<number, number>(
    (rate) => typeof rate === "number" && rate > 0 && rate <= 50,
    "a number above 0 and at most 50",
    2,
  );
  const access = settings(value, path, { ...accessChecks("an IAMClient"), requestsPerSecond });
  if (access.credentials === undefined || access.client === undefined) return access;
  throw wrong(path, value, "an object with credentials or a client, not with both");
}

const probeSettings = (value: ProbeOptions | undefined, path: string) =>
  settings(value, path, { mayStartSubscription: flag(false) });

/** How a service is called that the runtime client's own credentials may have no access to. */
const accessChecks = (client: string) => ({
  credentials,
  client: withMethods<ControlPlaneClient>(client, "send"),
});

const credentials: Check<object, object | undefined> = (value, path) => {
  const isPossible = typeof value === "function" || (typeof value === "object" && value !== null);
  if (value === undefined || isPossible) return value;
  throw wrong(path, value, "credentials or a provider of them", "secret");
};

/** An option that is true, false, or an object of further options. */
const switchable =
  <O extends object, S>(check: Check<O, S>): Check<boolean | O, S | undefined> =>
  (value, path) => {
    if (value === undefined || value === false) return undefined;
    if (value !== true && typeof value !== "object") throw wrong(path, value, "true, false, or an object");
    return check(value === true ? undefined : value, path);
  };

function guardrailProfiles(value: DiagnosisOptions["guardrailProfiles"], path: string) {
  const profile = "the ARN of a guardrail profile in one Region";
  const byGuardrail = mapOf(listOf(isGuardrailProfileArn, "a list of ARNs", profile))(value, path);
  const key = Object.keys(byGuardrail).find((id) => !isGuardrailId(id) && !isGuardrailArn(id));
  if (key === undefined) return byGuardrail;
  throw wrong(`Each key of ${path}`, key, "the ID or ARN of a guardrail");
}
