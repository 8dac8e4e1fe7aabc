import { lastSegment } from "../../arn.js";
import type { UnfinishedSearch } from "../../diagnosis.js";
import type { Opening } from "../../policy/remedies/guards.js";
import type { PlacedEdit } from "../../policy/remedies/search.js";
import type { Decider } from "../deciding-policies.js";
import type { ProposedRemedy } from "../proposal.js";
import { capital, list, policyName } from "./phrases.js";
import { deniedBySentence } from "./policy-summary.js";

/** Returns all edits in one line. */
export function editTitle(edits: readonly PlacedEdit[]): string {
  const parts = edits.map((edit) => `${doing(edit)} in ${editPlace(edit)}`);
  return capital(parts.join(", and "));
}

/** Returns the edits one by one, and the result of evaluating the edited policies. */
export function editSteps(
  { edits = [], opens = [], verified }: ProposedRemedy,
  deciders: readonly Decider[],
): string[] {
  return [
    ...edits.map(
      (edit, at) => `${edits.length > 1 ? `Change ${at + 1}: in` : "In"} ${editPlace(edit)}, ${doing(edit)}.`,
    ),
    ...(edits.length > 1 ? ["Make all of these changes. With only some of them, the call is still denied."] : []),
    ...edits.flatMap(({ change }) => widthOf(change)),
    ...new Set(edits.flatMap(({ size }) => (size ? [sizeText(size)] : []))),
    verified ? "Verified: the edited policies allow every leg of the call." : notVerified(edits, deciders),
    opens.length > 0
      ? `The change also allows requests that were denied before: ${list(opens.map((what) => OPENED[what]))}.`
      : "All other tested requests that were denied are still denied.",
  ];
}

/** A policy that wasn't provided can also deny the call. */
function notVerified(edits: readonly PlacedEdit[], deciders: readonly Decider[]): string {
  const others = deciders.filter(
    ({ policy }) => policy !== undefined && !edits.some(({ policyType }) => policyType === policy.type),
  );
  return others.length > 0
    ? `This change isn't enough. The call is also denied in ${deniedBySentence(others, () => true)}.`
    : "Not verified: the edited policies no longer deny the call, but it is unknown whether every leg is allowed.";
}

/** Returns what a search for remedies didn't test. */
export function searchText({ tested, untested }: UnfinishedSearch): string {
  const stopped = `The search for remedies stopped after its budget: ${counted(tested, "combination")} of edits ${tested === 1 ? "was" : "were"} tested`;
  return untested === undefined
    ? `${stopped}. There might be more.`
    : `${stopped}, and ${untested.toLocaleString("en")} ${untested === 1 ? "wasn't" : "weren't"}.`;
}

const counted = (count: number, what: string) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

const OPENED: Record<Opening, string> = {
  "other-model": "other models",
  "other-profile": "other inference profiles of the model",
  "other-principal": "the same call by other principals",
  "direct-call": "direct calls of the model in these Regions",
  "other-source-region": "calls that start in another source Region",
  "other-geography": "inference profiles of other geographies",
  "global-routing": "global routing",
  "other-bedrock-action": "other Bedrock actions in these Regions",
  "other-service": "other services in these Regions",
};

function sizeText({ characters, quota, counted }: NonNullable<PlacedEdit["size"]>): string {
  const [is, most] = [characters, quota].map((count) => count.toLocaleString("en"));
  return counted === "inline-policies"
    ? `Check the size quota: the caller's policies without an ARN then have ${is} characters. If all of them are inline policies, the quota is ${most} for all of them together.`
    : `Save the document without white space. With indentation it has ${is} characters, and the quota is ${most}.`;
}

/** AWS also recommends exempting a geography. The exemption is wider than the call. */
function widthOf(change: PlacedEdit["change"]): string[] {
  const pattern = "pattern" in change ? change.pattern : "";
  if (!pattern.endsWith(".*")) return [];
  return [`AWS recommends this exemption. Other models can then also be called through ${profilesIn(pattern)}.`];
}

function editPlace({ policyType, policyName: name, level, change }: PlacedEdit): string {
  const statement = "statementIndex" in change ? `Statement[${change.statementIndex}] of ` : "";
  return `${statement}the ${policyName(policyType)} ${name}${level === undefined ? "" : ` (level ${level})`}`;
}

/** Returns `the us. inference profiles`, or the ID of exactly one. */
function profilesIn(pattern: string): string {
  const id = lastSegment(pattern);
  return id.endsWith(".*") ? `the ${id.slice(0, -1)} inference profiles` : `the inference profile ${id}`;
}

function doing({ change }: PlacedEdit): string {
  switch (change.edit) {
    case "exempt-inference-profiles":
      return `exempt calls through ${profilesIn(change.pattern)}`;
    case "carve-out-and-re-deny":
      return `remove the invoke actions, and deny them again except for calls through ${profilesIn(change.pattern)}`;
    case "add-regions":
      return `add ${list(change.regions)} to the approved values of ${change.key}`;
    case "remove-regions":
      return `remove ${list(change.regions)} from the denied values of ${change.key}`;
    case "add-not-resources":
      return `add ${list(change.resources)} to NotResource`;
    case "exempt-principals":
      return `add ${list(change.principals)} to the exempt values of ${change.key}`;
    case "add-resources":
      return `add ${list(change.resources)} to Resource`;
    case "add-statements":
      return `add ${change.statements.length === 1 ? "a statement that allows" : `${change.statements.length} statements that allow`} exactly the legs that no statement there allows`;
  }
}
