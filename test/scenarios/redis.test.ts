import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import KeyvRedis from "@keyv/redis";
import Keyv from "keyv";
import { describe, expect, it, onTestFinished } from "vitest";
import { fallbackOf } from "../../src/index.js";
import { type LoopbackServer, SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";

const NOVA = "us.amazon.nova-pro-v1:0";
const isThere = (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "redis-server")));
const without = isThere
  ? ""
  : " (skipped: redis-server isn't installed. To install it, run apt-get install redis-server)";

interface Redis {
  url: string;
  process: ChildProcess;
}

/** A Redis of this test's own, on a free port of the loopback interface, that keeps nothing. */
async function startRedis(): Promise<Redis> {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  free.close();
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const server = spawn("redis-server", settings, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    server.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  for await (const chunk of server.stdout) if (String(chunk).includes("Ready to accept connections")) break;
  return { url: `redis://127.0.0.1:${port}`, process: server };
}

const hello = () => new ConverseCommand({ modelId: NOVA, messages: [] });

describe.skipIf(!isThere)(`a real Redis${without}`, () => {
  it("shares denied profiles among the functions of a fleet, each a process of its own", async () => {
    const redis = await startRedis();
    const bedrock = new SimulatedBedrock({
      principals: ["one", "two"].map((name) => ({
        arn: `arn:aws:sts::111122223333:assumed-role/AppRole/${name}`,
        accessKeyId: `AKID${name.toUpperCase()}`,
      })),
    });
    bedrock.deny({ region: "us-west-2", policyType: "service-control-policy" });
    const server = await bedrock.listen();
    onTestFinished(() => server.close());

    expect(await member(server, redis, "AKIDONE")).toEqual({ used: "amazon.nova-pro-v1:0", remembered: false });
    bedrock.requests.length = 0;
    expect(await member(server, redis, "AKIDTWO")).toEqual({ used: "amazon.nova-pro-v1:0", remembered: true });
    // Who it is, the other's block, and no look at the model, nor at the profile.
    expect(bedrock.requests.map(({ operation, modelId }) => `${operation} ${modelId}`)).toEqual([
      "GetCallerIdentity ",
      "Converse amazon.nova-pro-v1:0",
    ]);
  }, 60_000);

  it("fails no call when it stops responding, and when it's gone", async () => {
    const redis = await startRedis();
    const bedrock = new SimulatedBedrock();
    bedrock.deny({ region: "us-west-2", policyType: "service-control-policy" });
    const connection = new KeyvRedis(redis.url);
    const store = new Keyv(connection);
    store.on("error", () => {});
    // Without its server it would wait for an answer.
    onTestFinished(() => void connection.disconnect(true));
    const send = async () => {
      const client = clientOf(bedrock, { store, fallback: { to: "single-region" } });
      return fallbackOf(await client.send(hello()))?.remembered;
    };
    expect(await send()).toBe(false);
    expect(await send()).toBe(true);
    redis.process.kill("SIGSTOP");
    expect(await send()).toBe(false);
    redis.process.kill("SIGKILL");
    await once(redis.process, "exit");
    expect(await send()).toBe(false);
  }, 30_000);
});

async function member({ url }: LoopbackServer, redis: Redis, accessKeyId: string): Promise<unknown> {
  const program = join(import.meta.dirname, "fleet-member.ts");
  const env = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--no-warnings", "--import", "tsx", program, url, redis.url, accessKeyId],
    { env, timeout: 25_000, killSignal: "SIGKILL" },
  );
  return JSON.parse(stdout);
}
