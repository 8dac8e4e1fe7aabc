import { actionMatches, globMatches } from "../language/wildcard.js";
import bedrock from "./bedrock-actions.data.json" with { type: "json" };
import type { LintSeverity } from "./finding.js";
import { INVOKE_MODEL, INVOKE_STREAM } from "./probes.js";
import { actionPath, eachStatement, type LintReport, type Rule, report } from "./rule.js";
import { covers, type LintStatement, type LintSubject } from "./subject.js";

const inService = (names: string) => names.split(" ").map((name) => `bedrock:${name}`.toLowerCase());

/**
 * All IAM actions of Amazon Bedrock, and those that have no resource type, in lower case. Read when they are first
 * needed.
 */
let loadedActions: { actions: ReadonlySet<string>; withoutResourceTypes: ReadonlySet<string> } | undefined;
function knownActions() {
  loadedActions ??= {
    actions: new Set(inService(bedrock.actions)),
    withoutResourceTypes: new Set(inService(bedrock.withoutResourceTypes)),
  };
  return loadedActions;
}

/** API operations that aren't IAM actions (Service Authorization Reference, "Amazon Bedrock"). */
const RUNTIME_OPERATIONS: ReadonlySet<string> = new Set(
  inService("Converse ConverseStream StartAsyncInvoke InvokeModelWithBidirectionalStream UseInferenceProfile"),
);

/** Endpoints and SDK clients whose IAM actions have the prefix `bedrock:` (same page). */
const ENDPOINT_PREFIX = /^bedrock-(runtime|agent|agent-runtime):/;

/** Returns the action's patterns, each with its original text in the policy. */
const actionsOf = ({ action }: LintStatement): [glob: string, text: string][] =>
  (action?.patterns ?? []).map((glob, at) => [glob, action?.texts[at] ?? glob]);

export const operationIsNoAction: Rule = {
  code: "operation-is-no-action",
  severity: "error",
  find: eachStatement((statement) =>
    actionsOf(statement).flatMap(([glob, text]) =>
      RUNTIME_OPERATIONS.has(glob) ? report(actionPath(statement), [text]) : [],
    ),
  ),
};

export const invalidActionPrefix: Rule = {
  code: "invalid-action-prefix",
  severity: "error",
  find: eachStatement((statement) => {
    const wrong = actionsOf(statement).filter(([glob]) => ENDPOINT_PREFIX.test(glob));
    if (wrong.length === 0) return [];
    const inBedrock = (glob: string) => glob.replace(ENDPOINT_PREFIX, "bedrock:");
    const patterns = statement.action?.patterns ?? [];
    // If the same list also contains the correct name, the wrong one has no effect.
    const isHarmless = wrong.every(([glob]) => patterns.some((other) => globMatches(other, inBedrock(glob))));
    const texts = wrong.map(([, text]) => text);
    return report(actionPath(statement), texts, isHarmless ? "info" : "error");
  }),
};

export const unknownAction: Rule = {
  code: "unknown-action",
  severity: "warning",
  find: eachStatement((statement) =>
    actionsOf(statement).flatMap(([glob, text]) => {
      if (!glob.startsWith("bedrock:") || RUNTIME_OPERATIONS.has(glob) || isKnown(glob)) return [];
      return report(actionPath(statement), [text]);
    }),
  ),
};

function isKnown(glob: string): boolean {
  const { actions } = knownActions();
  const wild = glob.search(/[*?]/);
  if (wild < 0) return actions.has(glob);
  const head = glob.slice(0, wild);
  for (const name of actions) if (name.startsWith(head) && actionMatches(glob, name)) return true;
  return false;
}

/**
 * An action without a resource type is evaluated on `*`, which no ARN pattern matches (same page, "Resource types").
 */
export const actionWithoutResourceType: Rule = {
  code: "action-without-resource-type",
  severity: "warning",
  find: (subject) => {
    const isOnEverything = ({ resource }: LintStatement) =>
      resource === undefined || resource.not || resource.texts.some((text) => /^\*+$/.test(text));
    const byEffect = (effect: string) =>
      subject.statements.filter((one) => one.effect === effect && isOnEverything(one));
    const covered = { Allow: coveredBy(byEffect("Allow")), Deny: coveredBy(byEffect("Deny")) };
    return subject.statements.flatMap((statement): LintReport[] => {
      const { effect, action } = statement;
      if (effect === undefined || action === undefined || action.not || isOnEverything(statement)) return [];
      const { withoutResourceTypes } = knownActions();
      const wrong = actionsOf(statement).filter(([glob]) => withoutResourceTypes.has(glob) && !covered[effect](glob));
      if (wrong.length === 0) return [];
      const severity = wrong.some(([glob]) => glob.startsWith("bedrock:list")) ? "error" : "warning";
      return [{ severity, path: action.path, values: [effect, ...wrong.map(([, text]) => text)], statement }];
    });
  },
};

/** Returns a function that checks whether one of the statements covers an action. Each action is checked once. */
function coveredBy(statements: readonly LintStatement[]): (action: string) => boolean {
  const found = new Map<string, boolean>();
  return (action) => {
    let answer = found.get(action);
    if (answer === undefined) {
      answer = statements.some((statement) => covers(statement, action));
      found.set(action, answer);
    }
    return answer;
  };
}

/** Returns the first statement of one effect that covers an action, if none of them covers the other action. */
function onlyOne({ statements }: LintSubject, effect: "Allow" | "Deny", one: string, other: string) {
  const about = statements.filter((statement) => statement.effect === effect);
  // A Deny with NotAction is about all other actions, so it isn't the counterpart of a Deny that lists an action.
  const listing = about.filter(({ action }) => !action?.not);
  if ((effect === "Allow" ? about : listing).some((statement) => covers(statement, other))) return [];
  return listing.filter((statement) => covers(statement, one)).slice(0, 1);
}

/** An exact list of resources grants least privilege to one application, which might not use the other action. */
const isBroad = ({ resource }: LintStatement) => resource?.texts.some((text) => /\*$/.test(text)) ?? false;

const namesStreams = (glob: string) => /^bedrock:(conversestream|invokemodelwithbidirectionalstream)$/.test(glob);

/**
 * The policy contains only `InvokeModel`. If it's denied, streams are still allowed. If it's allowed, streams are still
 * denied.
 */
export const streamingActionMissing: Rule = {
  code: "streaming-action-missing",
  severity: "warning",
  find: (subject) => {
    const wantsStreams = subject.statements.some(({ action }) => action?.patterns.some(namesStreams));
    const [allow] = onlyOne(subject, "Allow", INVOKE_MODEL, INVOKE_STREAM);
    const [deny] = onlyOne(subject, "Deny", INVOKE_MODEL, INVOKE_STREAM);
    return [
      ...(allow !== undefined && (wantsStreams || isBroad(allow)) ? onAction(allow, "Allow", "info") : []),
      ...(deny !== undefined ? onAction(deny, "Deny", "warning") : []),
    ];
  },
};

/** Only `InvokeModelWithResponseStream` is allowed. Denying only streams isn't reported, because it can be intended. */
export const onlyStreamingAction: Rule = {
  code: "only-streaming-action",
  severity: "warning",
  find: (subject) =>
    onlyOne(subject, "Allow", INVOKE_STREAM, INVOKE_MODEL)
      .filter(isBroad)
      .flatMap((statement) => onAction(statement, "Allow", "warning")),
};

const onAction = (statement: LintStatement, effect: string, severity: LintSeverity): LintReport[] => [
  { severity, path: actionPath(statement), values: [effect], statement },
];
