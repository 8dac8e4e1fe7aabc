import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BedrockClient, GetInferenceProfileCommand } from "@aws-sdk/client-bedrock";
import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { built, CONFIG, stub } from "./built.js";
import { paired, type Row, timed } from "./paired.js";

const modelOf = (n: number) => `acme.model-${n}-v1:0`;
const profileOf = (n: number) => `us.${modelOf(n)}`;
const numberIn = (path: string) => Number(/model-(\d+)-/.exec(path)?.[1]);

const sentence = (n: number) =>
  JSON.stringify({
    Message: `User: arn:aws:sts::111122223333:assumed-role/App${n}/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${modelOf(n)} with an explicit deny in a service control policy`,
  });
const profile = (n: number) =>
  JSON.stringify({
    inferenceProfileName: "US",
    inferenceProfileId: profileOf(n),
    inferenceProfileArn: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${profileOf(n)}`,
    models: ["us-east-1", "us-east-2", "us-west-2"].map((region) => ({
      modelArn: `arn:aws:bedrock:${region}::foundation-model/${modelOf(n)}`,
    })),
    status: "ACTIVE",
    type: "SYSTEM_DEFINED",
  });

/** Denies every call, answers profile lookups, and counts the requests. */
function refusing(controlPlaneMs = 0) {
  const asked = { profiles: 0 };
  const requestHandler = stub(async ({ method, path }) => {
    if (method !== "GET") {
      return {
        statusCode: 403,
        body: sentence(numberIn(path)),
        headers: { "x-amzn-errortype": "AccessDeniedException" },
      };
    }
    asked.profiles += 1;
    if (controlPlaneMs > 0) await wait(controlPlaneMs);
    return { statusCode: 200, body: profile(numberIn(path)) };
  });
  return { asked, requestHandler };
}

const converse = (n: number) => new sdk.ConverseCommand({ modelId: profileOf(n), messages: [] });
const refused = (client: sdk.BedrockRuntimeClient, n: number) => client.send(converse(n)).catch(() => {});

/** Concurrent denied calls of several principals, each with its own profile, compared with the plain SDK's errors. */
export async function refusedAtOnce(calls: number, rounds: number, pairs = 1): Promise<Row> {
  const { asked, requestHandler } = refusing();
  let clients = 0;
  const refuseAll = (make: () => sdk.BedrockRuntimeClient) => async () => {
    const client = make();
    const ms = await timed(() =>
      Promise.all(Array.from({ length: calls }, (_, call) => refused(client, call % pairs))),
    );
    client.destroy();
    return ms;
  };
  const ours = refuseAll(() => {
    clients += 1;
    return new built.BedrockRuntimeClient({ ...CONFIG, requestHandler });
  });
  const theirs = refuseAll(() => new sdk.BedrockRuntimeClient({ ...CONFIG, requestHandler }));
  if (calls <= 10_000) await paired(1, ours, theirs);
  const result = await paired(rounds, ours, theirs);
  if (asked.profiles !== clients * pairs) throw new Error(`${asked.profiles} GetInferenceProfile, ${clients} clients`);
  const over = pairs > 1 ? `, ${pairs} principals and profiles` : "";
  // The others show how the cost grows: the first denial of a client loads and creates what a diagnosis needs.
  const hasLimit = calls === 10_000 && pairs === 1;
  return {
    what: `${calls.toLocaleString("en")} denied calls at once${over}`,
    unit: "ms",
    ...result,
    reach: hasLimit ? "≤ 1.2 ×" : "",
    reached: !hasLimit || result.ratio <= 1.2,
  };
}

/** A diagnosis by AWS's message and the profile, compared with one request to a control plane that takes 20 ms. */
export async function diagnosisLatency(): Promise<Row> {
  const { requestHandler } = refusing(20);
  const runtime = new built.BedrockRuntimeClient({ ...CONFIG, requestHandler });
  const controlPlane = new BedrockClient({ ...CONFIG, requestHandler });
  let n = 0;
  const ours = () => timed(() => refused(runtime, n++));
  const theirs = () =>
    timed(() => controlPlane.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: profileOf(n++) })));
  await paired(20, ours, theirs);
  const result = await paired(100, ours, theirs);
  return {
    what: "a denied call, diagnosed, against GetInferenceProfile",
    unit: "ms",
    ...result,
    reach: "≤ 1.1 ×",
    reached: result.ratio <= 1.1,
  };
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Returns the memory in use when no call is in progress, in MB. */
async function heap(): Promise<number> {
  await wait(20);
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

const BATCH = 1_000;

/** The memory that one client keeps after a number of denied calls of 50 principals and profiles. */
export async function memoryAfterRefusals(calls: number): Promise<Row> {
  const client = new built.BedrockRuntimeClient({ ...CONFIG, requestHandler: refusing().requestHandler });
  await Promise.all(Array.from({ length: 50 }, (_, n) => refused(client, n)));
  const before = await heap();
  for (let done = 0; done < calls; done += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, (_, call) => refused(client, call % 50)));
  }
  const grown = (await heap()) - before;
  client.destroy();
  return {
    what: `kept in memory after ${calls.toLocaleString("en")} more denied calls`,
    unit: "MB",
    ours: grown,
    reach: "≤ 1 MB",
    reached: grown <= 1,
  };
}

/** A denied call through a profile that was looked up, among a number of others, and the memory that all of them use. */
export async function cachedProfiles(profiles: number): Promise<Row[]> {
  const client = new built.BedrockRuntimeClient({ ...CONFIG, requestHandler: refusing().requestHandler });
  await refused(client, 0);
  const before = await heap();
  for (let done = 0; done < profiles; done += BATCH) {
    const batch = Math.min(BATCH, profiles - done);
    await Promise.all(Array.from({ length: batch }, (_, n) => refused(client, done + n)));
  }
  const grown = (await heap()) - before;
  const last = profiles - 1;
  const again = () => timed(() => Promise.all(Array.from({ length: 200 }, () => refused(client, last))));
  const plain = new sdk.BedrockRuntimeClient({ ...CONFIG, requestHandler: refusing().requestHandler });
  const once = () => timed(() => Promise.all(Array.from({ length: 200 }, () => refused(plain, last))));
  await paired(5, again, once);
  const { ours, theirs, ratio } = await paired(21, again, once);
  client.destroy();
  const many = `${profiles.toLocaleString("en")} profile${profiles > 1 ? "s" : ""}`;
  const micros = (ms: number) => (ms * 1_000) / 200;
  return [
    {
      what: `a denied call, ${many} looked up`,
      unit: "µs",
      ours: micros(ours),
      theirs: micros(theirs),
      ratio,
      reach: "",
      reached: true,
    },
    // A thousand are kept, and up to a thousand more until they are dropped.
    { what: `kept in memory of ${many}`, unit: "MB", ours: grown, reach: "≤ 40 MB", reached: grown <= 40 },
  ];
}
