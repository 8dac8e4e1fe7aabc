import { buildArn, isAccount, parseArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import { type AuthorizationLeg, actionOf, INVOKE_ACTIONS, type LegStage, UNKNOWN_ACCOUNT } from "../authorization.js";
import type { CallFacts, CallNeeds, CallPlace, GuardrailStatement, LeftOut } from "./call-facts.js";
import { guardrailNeeds } from "./guardrail-needs.js";
import type { ModelReference } from "./model-id.js";
import { outputNeeds, s3ObjectNeeds } from "./storage-needs.js";

/** The parts of a call that its additional authorizations depend on. */
export interface NeedsRequest extends GuardrailStatement {
  operation: string;
  reference: ModelReference;
  sourceRegion: string;
  /** The caller's account. */
  accountId?: string | undefined;
  facts?: CallFacts | undefined;
}

/**
 * Returns the authorizations that a call needs in addition to those of its model. If AWS documents the evaluation, they
 * are returned as legs. Otherwise, they are returned as authorizations that weren't checked.
 */
export function callNeeds(request: NeedsRequest): CallNeeds {
  const { sourceRegion, accountId = UNKNOWN_ACCOUNT, facts = {} } = request;
  const operation = request.operation.replace(/Command$/, "");
  const place = { partition: partitionOfRegion(sourceRegion), sourceRegion, accountId };
  const needs = [
    ownNeeds(operation, facts, place),
    guardrailNeeds({ ...request, operation, facts }, place),
    ...(facts.systemTools ?? []).map((name) => systemToolNeeds(name, place)),
    ...(operation === "StartAsyncInvoke" ? [asyncNeeds(facts, place), outputNeeds(facts.output, place)] : []),
    s3ObjectNeeds(facts.s3Objects ?? [], place),
    { legs: [], leftOut: unreadNeeds(request, operation) },
  ];
  const legs = new Map(needs.flatMap((each) => each.legs).map((leg) => [`${leg.action} ${leg.resource}`, leg]));
  return { legs: [...legs.values()], leftOut: [...new Set(needs.flatMap((each) => each.leftOut))] };
}

/** The resources of operations without a model (Service Authorization Reference, "Amazon Bedrock"). */
function ownNeeds(operation: string, { invocationArn }: CallFacts, { sourceRegion }: CallPlace): CallNeeds {
  const resources = new Map<string, [stage: LegStage, resource: string | undefined]>([
    ["InvokeGuardrailChecks", ["guardrail", "*"]],
    ["ListAsyncInvokes", ["async-invoke", "*"]],
    ["GetAsyncInvoke", ["async-invoke", invocationArn]],
  ]);
  const [stage, resource] = resources.get(operation) ?? [];
  const action = actionOf(operation);
  if (stage === undefined || resource === undefined || action === undefined) return { legs: [], leftOut: [] };
  return { legs: [{ stage, action, resource, region: sourceRegion }], leftOut: [] };
}

/**
 * A system tool (Service Authorization Reference, "Amazon Bedrock": `system-tool`; Amazon Nova User Guide, "Web
 * Grounding": "Web Grounding has the aws:requestedRegion condition key set to unspecified"). For other tools, AWS
 * documents neither the provider's prefix nor the Region.
 */
function systemToolNeeds(name: string, { partition, accountId }: CallPlace): CallNeeds {
  if (name !== "nova_grounding") return { legs: [], leftOut: ["system-tool"] };
  const resource = buildArn({
    partition,
    service: "bedrock",
    region: "",
    accountId,
    resource: `system-tool/amazon.${name}`,
  });
  return {
    legs: [{ stage: "system-tool", action: "bedrock:InvokeTool", resource, region: UNSPECIFIED_REGION }],
    leftOut: [],
  };
}

/**
 * The authorizations of the invocation and its tags (Service Authorization Reference, "Amazon Bedrock": `async-invoke`,
 * `TagResource`).
 */
function asyncNeeds(
  { tags = [], unread = [] }: CallFacts,
  { partition, sourceRegion, accountId }: CallPlace,
): CallNeeds {
  const resource = buildArn({
    partition,
    service: "bedrock",
    region: sourceRegion,
    accountId,
    resource: "async-invoke/*",
  });
  const leg = (stage: LegStage, action: string): AuthorizationLeg => ({
    stage,
    action,
    resource,
    region: sourceRegion,
  });
  const isTagged = tags.length > 0 || unread.includes("tags");
  return {
    legs: [leg("async-invoke", "bedrock:InvokeModel"), ...(isTagged ? [leg("tag", "bedrock:TagResource")] : [])],
    leftOut: [],
  };
}

const BEHIND: Partial<Record<ModelReference["kind"], LeftOut>> = {
  prompt: "prompt",
  "prompt-router": "prompt-router",
  "default-prompt-router": "prompt-router",
  "marketplace-endpoint": "marketplace-endpoint",
  // A customer managed key is a property of the model that its ARN doesn't show (Amazon Bedrock User Guide, "Encryption
  // of custom models" and "Encryption of imported custom models").
  "custom-model": "model-kms-key",
  "custom-model-deployment": "model-kms-key",
  "imported-model": "model-kms-key",
  "provisioned-model": "model-kms-key",
};

function unreadNeeds({ reference, facts }: NeedsRequest, operation: string): LeftOut[] {
  const action = actionOf(operation);
  const behind = action !== undefined && INVOKE_ACTIONS.includes(action) ? BEHIND[reference.kind] : undefined;
  return [...(behind ? [behind] : []), ...(facts?.unread?.includes("body") ? (["request-body"] as const) : [])];
}

/** Returns true if a resource belongs to an account other than the caller's, as far as its ARN shows. */
export function isOtherAccounts(resource: string, accountId: string | undefined): boolean {
  const owner = parseArn(resource)?.accountId;
  return accountId !== undefined && isAccount(owner) && owner !== accountId;
}
