import {
  type BedrockRuntimeClient,
  GetAsyncInvokeCommand,
  ListAsyncInvokesCommand,
  type ListAsyncInvokesCommandInput,
  paginateListAsyncInvokes,
  StartAsyncInvokeCommand,
  type StartAsyncInvokeCommandInput,
} from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { policy } from "../policies.js";
import { evaluated, loopbackClients } from "./loopback-clients.js";

const MODEL = "twelvelabs.marengo-embed-3-0-v1:0";
const ARN = "arn:aws:iam::111122223333:user/dana";
const JOBS = "arn:aws:bedrock:us-east-1:111122223333:async-invoke/*";
const MODEL_ARN = `arn:aws:bedrock:us-east-1::foundation-model/${MODEL}`;
const outputDataConfig = { s3OutputDataConfig: { s3Uri: "s3://amzn-s3-demo-bucket/videos/" } };

const start = (runtime: BedrockRuntimeClient, input: Partial<StartAsyncInvokeCommandInput> = {}) =>
  runtime.send(
    new StartAsyncInvokeCommand({ modelId: MODEL, modelInput: { text: "Hello" }, outputDataConfig, ...input }),
  );

const allow = (...Action: string[]) => policy("Allow", { Effect: "Allow", Action, Resource: "*" });

describe("asynchronous invocations", () => {
  it("are in progress first, and then completed", async () => {
    const { runtime } = await loopbackClients();
    const { invocationArn } = await start(runtime);
    expect(invocationArn).toMatch(/^arn:aws:bedrock:us-east-1:111122223333:async-invoke\/[a-z0-9]{12}$/);
    const get = () => runtime.send(new GetAsyncInvokeCommand({ invocationArn }));
    const first = await get();
    expect(first).toMatchObject({ invocationArn, modelArn: MODEL_ARN, status: "InProgress", outputDataConfig });
    expect(first.submitTime).toBeInstanceOf(Date);
    expect(first.endTime).toBeUndefined();
    const second = await get();
    expect(second).toMatchObject({ status: "Completed", submitTime: first.submitTime });
    expect(second.endTime).toBeInstanceOf(Date);
  });

  it("are listed page by page and filtered, only in their account and Region", async () => {
    const other = { arn: "arn:aws:iam::444455556666:user/eve", accessKeyId: "EVE" };
    const { runtime, runtimeIn } = await loopbackClients({ principals: [{ arn: ARN }, other] });
    const arns: string[] = [];
    for (let job = 0; job < 3; job += 1) arns.push((await start(runtime)).invocationArn ?? "");
    await runtime.send(new GetAsyncInvokeCommand({ invocationArn: arns[0] }));
    const list = async (input: ListAsyncInvokesCommandInput = {}, client = runtime) => {
      const pages: (string | undefined)[][] = [];
      for await (const { asyncInvokeSummaries = [] } of paginateListAsyncInvokes({ client }, input)) {
        pages.push(asyncInvokeSummaries.map(({ invocationArn }) => invocationArn));
      }
      return pages;
    };
    const [a, b, c] = arns;
    expect(await list({ maxResults: 2 })).toEqual([[c, b], [a]]);
    expect(await list({ sortOrder: "Ascending" })).toEqual([[a, b, c]]);
    expect(await list({ statusEquals: "Completed" })).toEqual([[a]]);
    expect(await list({ submitTimeAfter: new Date("2100-01-01") })).toEqual([[]]);
    expect(await list({ submitTimeBefore: new Date("2100-01-01") })).toEqual([[c, b, a]]);
    expect(await list({}, runtimeIn("us-west-2"))).toEqual([[]]);
    expect(await list({}, runtimeIn("us-east-1", "EVE"))).toEqual([[]]);
    const get = runtimeIn("us-east-1", "EVE").send(new GetAsyncInvokeCommand({ invocationArn: a }));
    await expect(get).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("are the same with the same token, and a conflict if something else has changed", async () => {
    const { runtime } = await loopbackClients();
    const token = { clientRequestToken: "one" };
    const first = await start(runtime, token);
    expect((await start(runtime, token)).invocationArn).toBe(first.invocationArn);
    const changed = { s3OutputDataConfig: { s3Uri: "s3://amzn-s3-demo-bucket2" } };
    await expect(start(runtime, { ...token, outputDataConfig: changed })).rejects.toMatchObject({
      name: "ConflictException",
    });
    expect((await start(runtime)).invocationArn).not.toBe(first.invocationArn);
  });

  it("are authorized on the model, the invocation, its tags, and Amazon S3", async () => {
    const { bedrock, runtime } = await loopbackClients();
    await start(runtime);
    const s3 = "s3:PutObject arn:aws:s3:::amzn-s3-demo-bucket/videos/*";
    expect(evaluated(bedrock)).toEqual([`bedrock:InvokeModel ${MODEL_ARN}`, `bedrock:InvokeModel ${JOBS}`, s3]);
    await start(runtime, { tags: [{ key: "team", value: "video" }] });
    expect(evaluated(bedrock)).toContain(`bedrock:TagResource ${JOBS}`);
    await start(runtime, { modelId: "us.twelvelabs.pegasus-1-2-v1:0" });
    expect(evaluated(bedrock)?.length).toBeGreaterThan(4);
    expect(bedrock.requests.at(-1)).toMatchObject({
      operation: "StartAsyncInvoke",
      modelId: "us.twelvelabs.pegasus-1-2-v1:0",
    });
  });

  it.each([
    [
      "bedrock:InvokeModel",
      JOBS,
      [policy("Model", { Effect: "Allow", Action: "bedrock:*", Resource: "arn:aws:bedrock:*::foundation-model/*" })],
    ],
    ["s3:PutObject", "arn:aws:s3:::amzn-s3-demo-bucket/videos/*", [allow("bedrock:*")]],
    [
      "bedrock:TagResource",
      JOBS,
      [
        allow("bedrock:InvokeModel", "s3:PutObject"),
        policy("Tag", {
          Effect: "Allow",
          Action: "bedrock:TagResource",
          Resource: "*",
          Condition: { StringEquals: { "aws:RequestTag/team": "audio" } },
        }),
      ],
    ],
  ])("need %s on %s", async (action, resource, identity) => {
    const { runtime } = await loopbackClients({ principals: [{ arn: ARN, identity }] });
    await expect(start(runtime, { tags: [{ key: "team", value: "video" }] })).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: `User: ${ARN} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    });
  });

  it("can be tagged if the policy allows this tag", async () => {
    const Condition = {
      StringEquals: { "aws:RequestTag/team": "video" },
      "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] },
    };
    const tag = policy("Tag", { Effect: "Allow", Action: "bedrock:TagResource", Resource: JOBS, Condition });
    const identity = [allow("bedrock:InvokeModel", "s3:PutObject"), tag];
    const { runtime } = await loopbackClients({ principals: [{ arn: ARN, identity }] });
    const team = { key: "team", value: "video" };
    expect((await start(runtime, { tags: [team] })).invocationArn).toBeDefined();
    await expect(start(runtime, { tags: [team, { key: "other", value: "x" }] })).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  it("need their own actions to be read and listed", async () => {
    const identity = [allow("bedrock:InvokeModel", "s3:PutObject")];
    const { runtime } = await loopbackClients({ principals: [{ arn: ARN, identity }] });
    const { invocationArn } = await start(runtime);
    await expect(runtime.send(new GetAsyncInvokeCommand({ invocationArn }))).rejects.toMatchObject({
      message: expect.stringContaining(`bedrock:GetAsyncInvoke on resource: ${invocationArn} because`),
    });
    await expect(runtime.send(new ListAsyncInvokesCommand({}))).rejects.toMatchObject({
      message: expect.stringContaining("bedrock:ListAsyncInvokes on resource: * because"),
    });
  });

  it.each<[string, Partial<StartAsyncInvokeCommandInput>]>([
    ["a model that isn't offered on demand", { modelId: "twelvelabs.marengo-embed-2-7-v1:0" }],
    ["an unknown model", { modelId: "nobody.knows" }],
    [
      "an output that isn't in Amazon S3",
      { outputDataConfig: { s3OutputDataConfig: { s3Uri: "https://example.com" } } },
    ],
  ])("can't be started with %s", async (_, input) => {
    const { runtime } = await loopbackClients();
    await expect(start(runtime, input)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("are limited to 1,000", async () => {
    const bedrock = new SimulatedBedrock();
    const call = (path: string, init?: RequestInit) =>
      bedrock.handle(new Request(`https://bedrock-runtime.us-east-1.amazonaws.com/${path}`, init));
    const body = JSON.stringify({ modelId: MODEL, modelInput: {}, outputDataConfig });
    for (let job = 0; job < 1_010; job += 1) await call("async-invoke", { method: "POST", body });
    const { asyncInvokeSummaries } = (await (await call("async-invoke")).json()) as { asyncInvokeSummaries: unknown[] };
    expect(asyncInvokeSummaries).toHaveLength(1_000);
  });
});
