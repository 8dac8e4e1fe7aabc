import { UNSPECIFIED_REGION } from "../../arn.js";
import { type Condition, isNegated, readOperator } from "../language/condition/condition.js";
import { actionMatches } from "../language/wildcard.js";
import { unspecifiedNotInAllow } from "./allow-rules.js";
import { geographicCalls, type ProbeCall } from "./calls.js";
import { exempts, isExemption } from "./exemption.js";
import {
  GLOBAL_PARTITION,
  globalProbe,
  INVOKE,
  INVOKE_MODEL,
  NEW_REGION,
  PROBED_REGIONS,
  type Probe,
  probeModelArn,
  probeOfLeg,
  profileArn,
} from "./probes.js";
import { actionPath, eachInvokeDeny, eachStatement, type Find, type LintReport, type Rule, report } from "./rule.js";
import {
  applies,
  covers,
  hasPlaceholder,
  includesValue,
  isDeniedElsewhere,
  type LintStatement,
  type LintSubject,
  regionCoveredBy,
} from "./subject.js";

/** A Region deny allows a call to start in a Region, but denies Regions that the call routes to. */
export const regionDenyCutsDestinations: Rule = {
  code: "region-deny-cuts-destinations",
  severity: "warning",
  find: (subject) => {
    const calls = new Map(INVOKE.map((action) => [action as string, geographicCalls(subject, action)]));
    const check = eachInvokeDeny((statement) => {
      const [condition] = statement.regions;
      if (condition === undefined || hasPlaceholder(condition)) return [];
      if (subject.legs.length > 0) return legsDeniedBy(statement, condition, subject);
      const [action = INVOKE_MODEL] = statement.invokes;
      return (calls.get(action) ?? []).flatMap((bySource) => {
        const cut = cutOff(statement, bySource, subject);
        return cut === undefined ? [] : report(condition.path, [cut.prefix, cut.source, ...cut.denied]);
      });
    });
    return check(subject);
  },
};

/**
 * Returns the first source Region from which a geography's calls can start but can't be routed, and the destination
 * Regions that are denied.
 */
function cutOff(statement: LintStatement, bySource: readonly ProbeCall[], subject: LintSubject) {
  for (const { prefix, source, profile, sourceModel, usual } of bySource) {
    // An exemption shows the geographies whose calls the policy intends to route.
    const isMeant = statement.profiles.some((one) => exempts(one, profile.resource));
    if (statement.profiles.some(isExemption) && !isMeant) return undefined;
    const start = [profile, sourceModel];
    if (start.some((probe) => applies(statement, probe) !== "no match")) continue;
    if (start.some((probe) => isDeniedElsewhere(subject, statement, probe))) continue;
    const denied = usual.filter((probe) => applies(statement, probe) === "match");
    if (denied.length > 0) return { prefix, source, denied: denied.map(({ region }) => region) };
  }
  return undefined;
}

/** Returns the legs of the provided call that this Region deny denies, if it doesn't deny all of them. */
function legsDeniedBy(statement: LintStatement, condition: Condition, { legs }: LintSubject): LintReport[] {
  const denied = legs.filter((leg) => applies(statement, probeOfLeg(leg)) === "match");
  const [profile] = legs;
  if (denied.length === 0 || denied.length === legs.length || profile === undefined) return [];
  return report(condition.path, [profile.resource, profile.region, ...new Set(denied.map(({ region }) => region))]);
}

const isOnText = ({ operator }: Condition) => readOperator(operator).base.startsWith("String");

/**
 * A list of approved Regions without `unspecified` blocks global profiles (Amazon Bedrock User Guide, "Global
 * cross-Region inference").
 */
const unspecifiedDenied: Find = eachInvokeDeny((statement, subject) => {
  if (subject.legs.length > 0 || !subject.partitions.includes(GLOBAL_PARTITION)) return [];
  const [action = INVOKE_MODEL] = statement.invokes;
  // An exemption shows the profiles whose calls the policy intends to route. If it doesn't include global profiles,
  // they are denied intentionally.
  if (statement.profiles.some(isExemption)) return [];
  const probe = globalProbe(action, GLOBAL_PARTITION, profileArn(GLOBAL_PARTITION, "global", subject));
  if (applies(statement, probe) !== "match" || isDeniedElsewhere(subject, statement, probe)) return [];
  return statement.regions
    .filter((condition) => isOnText(condition) && isNegated(condition.operator) && !hasPlaceholder(condition))
    .flatMap(({ path, values }) => report(path, values));
});

export const unspecifiedNotApproved: Rule = {
  code: "unspecified-not-approved",
  severity: "info",
  find: (subject) => [...unspecifiedDenied(subject), ...unspecifiedNotInAllow(subject)],
};

/** A deny list leaves every unlisted Region open, unless another Deny covers those Regions. */
export const denyListLeavesRegionsOpen: Rule = {
  code: "deny-list-leaves-regions-open",
  severity: "warning",
  find: eachStatement((statement, subject) => {
    const { effect, action, invokes } = statement;
    if (effect !== "Deny" || (invokes.length === 0 && !action?.not)) return [];
    const isClosed = isDeniedElsewhere(
      subject,
      statement,
      directCall(invokes[0] ?? OTHER_SERVICE, NEW_REGION, subject),
    );
    if (isClosed) return [];
    return statement.regions.flatMap((condition) => {
      const { operator, path, values } = condition;
      if (!isOnText(condition) || isNegated(operator)) return [];
      if (values.every((value) => value === UNSPECIFIED_REGION)) return [];
      return report(path, includesValue(values, UNSPECIFIED_REGION) ? [] : [UNSPECIFIED_REGION]);
    });
  }),
};

const OTHER_SERVICE = "ec2:runinstances";

/** Returns the request of a model call without a profile, or of another action, in a Region. */
function directCall(action: string, region: string, { partitions: [partition] }: LintSubject): Probe {
  const isInvoke = (INVOKE as readonly string[]).includes(action);
  return {
    action,
    resource: isInvoke ? probeModelArn(partition, region) : `arn:${partition}:ec2:${region}:111122223333:x`,
    region,
  };
}

/** A Deny with NotAction and a condition on the Region: the usual form of a Region deny. */
const eachNotActionRegionDeny = (
  check: (statement: LintStatement, patterns: readonly string[], subject: LintSubject) => LintReport[],
): Find =>
  eachStatement((statement, subject) => {
    const { effect, action, regions } = statement;
    const isRegionDeny = effect === "Deny" && action?.not === true && regions.length > 0;
    return isRegionDeny && action !== undefined ? check(statement, action.patterns, subject) : [];
  });

/** Returns true if an action that a Region deny exempts is open in a Region that it denies. */
function isLeftOpen(statement: LintStatement, action: string, subject: LintSubject): boolean {
  const region = regionCoveredBy(statement);
  if (region === undefined || covers(statement, action)) return false;
  const call = directCall(action, region, subject);
  return applies(withEveryAction(statement), call) !== "no match" && !isDeniedElsewhere(subject, statement, call);
}

/** Returns the statement without the exceptions of its NotAction. */
function withEveryAction({ onProbes, ...statement }: LintStatement): LintStatement {
  const action = { not: true, texts: [], patterns: [], path: statement.path };
  return { ...statement, action, invokes: INVOKE, onProbes: { ...onProbes, action } };
}

/** Other Bedrock actions, which aren't needed to exempt inference. */
const AGENTS = "bedrock:createagent";
const INVOKE_AGENT = "bedrock:invokeagent";

export const exemptsAllOfBedrock: Rule = {
  code: "exempts-all-of-bedrock",
  severity: "warning",
  find: eachNotActionRegionDeny((statement, patterns, subject) => {
    const all = patterns.filter((glob) => actionMatches(glob, AGENTS) && actionMatches(glob, INVOKE_MODEL));
    const isFinding = all.length > 0 && isLeftOpen(statement, AGENTS, subject);
    const texts = all.map((glob) => actionText(statement, glob));
    return isFinding ? report(actionPath(statement), texts) : [];
  }),
};

/** `bedrock:Invoke*` also exempts direct calls, and actions such as `bedrock:InvokeAgent`. */
export const exemptsDirectCalls: Rule = {
  code: "exempts-direct-calls",
  severity: "warning",
  find: eachNotActionRegionDeny((statement, patterns, subject) => {
    const wide = patterns.filter(isWideInvoke);
    if (wide.length === 0) return [];
    const open = [INVOKE_MODEL, INVOKE_AGENT].filter((action) => isLeftOpen(statement, action, subject));
    if (open.length === 0) return [];
    const severity = open.includes(INVOKE_MODEL) ? "warning" : "info";
    const names = open.map((action) => (action === INVOKE_MODEL ? "bedrock:InvokeModel" : "bedrock:InvokeAgent"));
    return report(actionPath(statement), [actionText(statement, wide[0]), ...names], severity);
  }),
};

const isWideInvoke = (glob: string) =>
  actionMatches(glob, INVOKE_MODEL) && actionMatches(glob, INVOKE_AGENT) && !actionMatches(glob, AGENTS);

const actionText = ({ action }: LintStatement, glob = "") => action?.texts[action.patterns.indexOf(glob)] ?? glob;

/** The invoke actions are exempt by name, and no other statement denies them again. */
export const exemptInvokeNotDeniedAgain: Rule = {
  code: "exempt-invoke-not-denied-again",
  severity: "warning",
  find: eachNotActionRegionDeny((statement, patterns, subject) => {
    const exempt = patterns.filter((glob) => INVOKE.some((action) => actionMatches(glob, action)));
    // Broader patterns have their own findings.
    if (exempt.length === 0 || exempt.some((glob) => actionMatches(glob, AGENTS) || isWideInvoke(glob))) return [];
    const isOpen = INVOKE.some((action) => isLeftOpen(statement, action, subject));
    const texts = exempt.map((glob) => actionText(statement, glob));
    return isOpen ? report(actionPath(statement), texts) : [];
  }),
};

export const globalServicesDenied: Rule = {
  code: "global-services-denied",
  severity: "warning",
  find: eachNotActionRegionDeny((statement, patterns) => {
    const denied = statement.regions.filter(
      ({ operator, values }) => !isNegated(operator) && values.includes("us-east-1"),
    );
    const exemptsGlobal = patterns.some((glob) => actionMatches(glob, "iam:createrole"));
    return denied.length > 0 && !exemptsGlobal ? report(actionPath(statement), ["iam", "sts", "organizations"]) : [];
  }),
};

const MANTLE = "bedrock-mantle:createinference";

/**
 * The bedrock-mantle endpoint has its own actions, which `bedrock:*` doesn't cover (Service Authorization Reference,
 * "Amazon Bedrock Mantle"). Only Deny statements about all models count, because the models of that endpoint can't be
 * distinguished by resource.
 */
export const mantleLeftOpen: Rule = {
  code: "mantle-left-open",
  severity: "warning",
  find: (subject) => {
    const { allows, denies, type } = subject;
    if (denies.some((statement) => covers(statement, MANTLE))) return [];
    const allowsMantle = allows.some((statement) => covers(statement, MANTLE));
    // If the document allows only other things, it doesn't allow bedrock-mantle.
    const isClosed = allows.length > 0 || type === "permissions-boundary" || type === "vpc-endpoint-policy";
    if (isClosed && !allowsMantle) return [];
    const statement = denies.find((one) => isDenyOfAllModels(one, subject));
    if (statement?.action === undefined) return [];
    const isWholeService = covers(statement, AGENTS);
    const severity = isWholeService ? "warning" : "info";
    return [{ severity, path: statement.action.path, values: statement.action.texts.slice(0, 3), statement }];
  },
};

function isDenyOfAllModels(statement: LintStatement, { partitions: [partition] }: LintSubject): boolean {
  const { invokes, action, profiles, resource, conditions } = statement;
  if (invokes.length === 0 || action === undefined || action.not || profiles.length > 0 || resource?.not) return false;
  // Conditions on guardrails, tiers, and projects of Bedrock have no known counterpart.
  if (conditions.some(({ key }) => /^bedrock:/i.test(key))) return false;
  const [name = INVOKE_MODEL] = invokes;
  return PROBED_REGIONS.some(
    (region) =>
      applies(statement, { action: name, resource: probeModelArn(partition, region, "zz.new-model"), region }) ===
      "match",
  );
}
