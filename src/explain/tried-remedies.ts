import { lastSegment } from "../arn.js";
import type { AuthorizationLeg } from "../authorization.js";
import { defined } from "../defined.js";
import type { Conclusion, RemedyActor, RemedyBreadth, UnfinishedSearch } from "../diagnosis.js";
import { applyTo, type CompiledPolicies } from "../policy/evaluation/policy-set.js";
import { foreignOwnerOf } from "../policy/remedies/quotas.js";
import { type PlacedEdit, searchRemedies, type TriedRemedy } from "../policy/remedies/search.js";
import type { LeftOut } from "../resolve/call-facts.js";
import { diffOf } from "./edit-diff.js";
import { OWNER } from "./owner.js";
import { BREADTH, type ProposedRemedy, type RemedyCode } from "./proposal.js";
import { leastPrivilege } from "./statements.js";

/** What was tested on the provided policies. */
export interface TriedRemedies {
  tried: ProposedRemedy[];
  /** Present if not everything was tested. */
  search?: UnfinishedSearch;
}

/** A search for edits of the provided policies. */
export interface RemedySearch {
  /** The search runs while this is iterated. Each step takes a few milliseconds at most. */
  steps: Iterable<void>;
  /** Returns what was tested so far. @param isFinished false if not all steps were run */
  found(isFinished: boolean): TriedRemedies;
}

/**
 * Searches for the edits of the provided policies, best first. `verified` means that the call will be allowed. So every
 * leg must be known, and the policies must explain the denial. Otherwise, there is nothing to search for.
 */
export function remedySearch(conclusion: Conclusion, policies: CompiledPolicies): RemedySearch | undefined {
  if (conclusion.kind !== "iam-denied") return undefined;
  const isExplained = conclusion.evidence.some(({ finding }) => finding.code === "policies-evaluated");
  const isOfLegs = !conclusion.refusal?.raw || conclusion.legs.some(({ evidence }) => evidence.includes("message"));
  if (!isExplained || !isOfLegs) return undefined;
  const { layers, known } = applyTo(policies, conclusion.principal?.arn);
  const legs = conclusion.legs.map(({ leg }) => leg);
  const { sourceRegion, legsComplete } = conclusion;
  const statements = (some: readonly AuthorizationLeg[]) => leastPrivilege(some, sourceRegion, legsComplete);
  const { steps, found } = searchRemedies(layers, legs, known, statements);
  return { steps, found: (isFinished) => proposedFrom(found(), isFinished, conclusion, policies) };
}

function proposedFrom(
  { remedies, tested, untested }: ReturnType<ReturnType<typeof searchRemedies>["found"]>,
  isFinished: boolean,
  conclusion: Conclusion,
  policies: CompiledPolicies,
): TriedRemedies {
  // Another source expects a block that these policies don't show. Fixing them might not be enough.
  const isDisputed = conclusion.legs.some(
    ({ contradictedBy, likely }) => contradictedBy ?? likely?.verdict === "blocked",
  );
  // If only other sources show that a leg is blocked, changing these policies doesn't fix it.
  const isAllShown = conclusion.legs.every(
    ({ verdict, evidence }) =>
      verdict !== "blocked" || evidence.includes("policies") || evidence.includes("organization"),
  );
  // None of the provided policies is known to be the one that AWS identified, so that one isn't tested.
  const { policyArn } = conclusion.refusal ?? {};
  const isIdentified =
    policyArn === undefined || policies.layers.some((layer) => layer.policies.some(({ arn }) => arn === policyArn));
  const proposals = remedies
    .filter(({ edits }) => !edits.some((edit) => isOfForeign(edit, conclusion)))
    .map((tried): ProposedRemedy => {
      const verified = tried.verified && isEverythingKnown(conclusion) && !isDisputed && isIdentified;
      const { edits, opens } = tried;
      const confidence = verified ? "certain" : isAllShown ? "likely" : "possible";
      const [only, ...others] = new Set(edits.map(({ policyType }) => policyType));
      const about = only !== undefined && others.length === 0 ? { about: { policy: { type: only } } } : {};
      const how = { code: codeOf(edits), who: ownerOf(edits), breadth: remedyBreadth(tried) };
      const diff = diffOf(edits, policies.layers);
      return { ...how, confidence, edits, ...defined({ diff }), opens, verified, ...about };
    });
  if (isFinished && untested === 0) return { tried: proposals };
  return { tried: proposals, search: { tested, ...(untested > 0 ? { untested } : {}) } };
}

/**
 * Parts of `leftOut` that aren't in the request and weren't stated. The legs still include everything in the call
 * itself.
 */
const NOT_OF_THE_REQUEST: ReadonlySet<LeftOut> = new Set<LeftOut>(["enforced-guardrails", "api-key"]);

/** Whether the legs are all that this request is authorized on. */
const isEverythingKnown = ({ legsComplete, leftOut }: Conclusion) =>
  legsComplete && leftOut.every((each) => NOT_OF_THE_REQUEST.has(each));

/**
 * Whether an edit changes what denies in a policy that may be the one in AWS's message, if that one can't be edited
 * because it is an AWS managed policy that was provided without its ARN.
 */
function isOfForeign({ policyType, policyName, policyArn, change }: PlacedEdit, { refusal }: Conclusion): boolean {
  const { policyArn: arn, policyType: type } = refusal ?? {};
  if (arn === undefined || policyArn !== undefined || type !== policyType) return false;
  if (foreignOwnerOf(type, { arn }) === undefined) return false;
  const isAllow = change.edit === "add-statements" || change.edit === "add-resources";
  return !isAllow || policyName === lastSegment(arn);
}

const EDIT_CODES: Record<PlacedEdit["change"]["edit"], RemedyCode> = {
  "exempt-inference-profiles": "exempt-inference-profiles",
  "carve-out-and-re-deny": "carve-out-and-re-deny",
  "add-regions": "approve-regions",
  "remove-regions": "narrow-region-deny-list",
  "add-statements": "allow-in-policy",
  "add-resources": "allow-in-policy",
  "add-not-resources": "approve-model",
  "exempt-principals": "exempt-principal",
};

function codeOf(edits: readonly PlacedEdit[]): RemedyCode {
  const codes = new Set(
    edits.map(({ change, policyType }): RemedyCode => {
      if (change.edit === "add-regions" && change.regions.every((region) => region === "unspecified")) {
        return "approve-unspecified";
      }
      const code = EDIT_CODES[change.edit];
      return code === "allow-in-policy" && policyType === "service-control-policy" ? "allow-at-every-scp-level" : code;
    }),
  );
  const [only = "edit-several-policies"] = codes;
  const isMixed = codes.size === 2 && codes.has("exempt-inference-profiles") && codes.has("approve-regions");
  if (isMixed) return "exempt-profile-and-approve-source";
  return codes.size === 1 ? only : "edit-several-policies";
}

/** Returns who must carry out the edits: the owner of the policy that the fewest people can change. */
function ownerOf(edits: readonly PlacedEdit[]): RemedyActor {
  const owners = edits.map(({ policyType }) => OWNER[policyType]);
  const order: RemedyActor[] = ["organization-administrator", "account-administrator", "application-developer"];
  return order.find((owner) => owners.includes(owner)) ?? "account-administrator";
}

function remedyBreadth({ edits, opens }: TriedRemedy): RemedyBreadth {
  const widest = edits.map(({ change }): RemedyBreadth => {
    switch (change.edit) {
      case "add-regions":
      case "remove-regions":
      case "exempt-principals":
        return "regions";
      case "exempt-inference-profiles":
      case "carve-out-and-re-deny":
        return change.pattern.endsWith(".*") ? "geography" : "this-profile";
      case "add-statements":
        return "this-profile";
      default:
        return opens.some((what) => what !== "other-principal") ? "geography" : "this-profile";
    }
  });
  return BREADTH.findLast((breadth) => widest.includes(breadth)) ?? "this-profile";
}
