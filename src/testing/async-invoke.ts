import { buildArn, partitionOfRegion } from "../arn.js";
import type { AuthorizationLeg } from "../authorization.js";
import { defined } from "../defined.js";
import { authorizationLegs } from "../resolve/legs.js";
import type { AsyncInvocation } from "./async-invocations.js";
import { denialOf, scriptedDenialOf } from "./authorization.js";
import type { SimulatedCall, World } from "./call.js";
import { targetOf, unavailable } from "./invocation.js";
import { pageOf } from "./page.js";
import { errorResponse, invalid, invalidField, isObject, jsonResponse, malformed } from "./responses.js";
import { unknownModel } from "./unknown-id.js";

/**
 * Answers StartAsyncInvoke (Amazon Bedrock API Reference, "StartAsyncInvoke"; Service Authorization Reference, "Amazon
 * Bedrock"). The caller must be allowed to use the model, the invocation, its tags, and the Amazon S3 location of the
 * output.
 */
export function answerStartAsyncInvoke(call: SimulatedCall, world: World): Response {
  const { route, body, sourceRegion, accountId } = call;
  if (!isObject(body)) return malformed();
  if (route.id === "") return invalidField("modelId", "not be null");
  if (body.modelInput === undefined) return invalidField("modelInput", "not be null");
  const bucket = bucketOf(body.outputDataConfig);
  if (bucket === undefined) return invalid("#: required key [s3Uri] not found, or not a URI of Amazon S3");
  const target = targetOf(call, world);
  if (target === undefined) return unknownModel(call, world);
  const scripted = scriptedDenialOf(route.id, world);
  if (scripted) return scripted;
  const { profile, model } = target;
  const operation = "StartAsyncInvoke";
  const legs = authorizationLegs(defined({ operation, modelId: route.id, sourceRegion, accountId, profile }));
  const context = tagContext(body.tags);
  const denial = denialOf([...legs, ...invocationLegs(call, bucket, context.size > 0)], call, world, { context });
  if (denial) return denial;
  const notAvailable = unavailable(target, call, world);
  if (notAvailable) return notAvailable;
  const resource = `foundation-model/${model?.id ?? route.id}`;
  const partition = partitionOfRegion(sourceRegion);
  const started = world.asyncInvocations.start({
    accountId,
    sourceRegion,
    modelArn: buildArn({ partition, service: "bedrock", region: sourceRegion, accountId: "", resource }),
    outputDataConfig: body.outputDataConfig,
    clientRequestToken: typeof body.clientRequestToken === "string" ? body.clientRequestToken : undefined,
  });
  if (started === undefined) {
    const message = "The client request token was already used with different parameters.";
    return errorResponse(400, "ConflictException", { message });
  }
  return jsonResponse({ invocationArn: started.invocationArn });
}

/** Returns `bucket/prefix` of the output, or undefined if there is none. */
function bucketOf(config: unknown): string | undefined {
  const s3 = isObject(config) && isObject(config.s3OutputDataConfig) ? config.s3OutputDataConfig.s3Uri : undefined;
  return typeof s3 === "string" ? /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/.*)?)$/.exec(s3)?.[1] : undefined;
}

function invocationLegs(
  { sourceRegion, accountId }: SimulatedCall,
  bucket: string,
  isTagged: boolean,
): AuthorizationLeg[] {
  const partition = partitionOfRegion(sourceRegion);
  const jobs = buildArn({ partition, service: "bedrock", region: sourceRegion, accountId, resource: "async-invoke/*" });
  const leg = (stage: AuthorizationLeg["stage"], action: string, resource: string): AuthorizationLeg => ({
    stage,
    action,
    resource,
    region: sourceRegion,
  });
  return [
    leg("async-invoke", "bedrock:InvokeModel", jobs),
    ...(isTagged ? [leg("tag", "bedrock:TagResource", jobs)] : []),
    leg("s3", "s3:PutObject", `arn:${partition}:s3:::${bucket.replace(/\/$/, "")}/*`),
  ];
}

/** Returns the context keys of tags. Without tags, there are none. */
function tagContext(tags: unknown): Map<string, string[]> {
  const tagList = (Array.isArray(tags) ? tags : []).filter(
    (tag): tag is { key: string; value: string } =>
      isObject(tag) && typeof tag.key === "string" && typeof tag.value === "string",
  );
  if (tagList.length === 0) return new Map();
  const keys = tagList.map(({ key }) => key);
  return new Map([
    ["aws:tagkeys", keys],
    ...tagList.map(({ key, value }) => [`aws:requesttag/${key.toLowerCase()}`, [value]] as [string, string[]]),
  ]);
}

export function answerGetAsyncInvoke(call: SimulatedCall, world: World): Response {
  const { route, sourceRegion, accountId } = call;
  const leg = {
    stage: "async-invoke",
    action: "bedrock:GetAsyncInvoke",
    resource: route.id,
    region: sourceRegion,
  } as const;
  const denial = denialOf([leg], call, world);
  if (denial) return denial;
  const invocation = world.asyncInvocations.read(route.id, accountId, sourceRegion);
  // The operation doesn't return ResourceNotFoundException (API Reference, "GetAsyncInvoke", Errors).
  return invocation ? jsonResponse(invocation) : invalid(`The async invocation ${route.id} was not found.`);
}

const INVOCATION_STATUSES: readonly string[] = ["InProgress", "Completed", "Failed"];
const ORDERS: readonly string[] = ["Ascending", "Descending"];

export function answerListAsyncInvokes(call: SimulatedCall, world: World): Response {
  const { query, sourceRegion, accountId } = call;
  const leg = {
    stage: "async-invoke",
    action: "bedrock:ListAsyncInvokes",
    resource: "*",
    region: sourceRegion,
  } as const;
  const denial = denialOf([leg], call, world);
  if (denial) return denial;
  const status = query.get("statusEquals");
  const order = query.get("sortOrder") ?? "Descending";
  if (status !== null && !INVOCATION_STATUSES.includes(status)) {
    return invalidField("statusEquals", `satisfy enum value set: [${INVOCATION_STATUSES.join(", ")}]`);
  }
  if (!ORDERS.includes(order)) return invalidField("sortOrder", `satisfy enum value set: [${ORDERS.join(", ")}]`);
  const [after, before] = ["submitTimeAfter", "submitTimeBefore"].map((key) => query.get(key));
  if ([after, before].some((time) => time && Number.isNaN(Date.parse(time)))) {
    return invalid("The provided submit time is not a timestamp.");
  }
  const oldestFirst = world.asyncInvocations
    .list(accountId, sourceRegion)
    .filter(
      (each) =>
        (status === null || each.status === status) &&
        (!after || Date.parse(each.submitTime) > Date.parse(after)) &&
        (!before || Date.parse(each.submitTime) < Date.parse(before)),
    );
  const page = pageOf<AsyncInvocation>(order === "Ascending" ? oldestFirst : oldestFirst.reverse(), query);
  if (page instanceof Response) return page;
  const { items, nextToken } = page;
  return jsonResponse({ asyncInvokeSummaries: items, nextToken });
}
