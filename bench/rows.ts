import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { namesFrom, PACKAGES, sizeAtStart } from "../scripts/bundle-size.js";
import { built, CONFIG, DIST, OFFLINE, offline, stub } from "./built.js";
import { median, paired, type Row, timed } from "./paired.js";

const ANSWER = JSON.stringify({
  output: { message: { role: "assistant", content: [{ text: "Hello." }] } },
  stopReason: "end_turn",
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
  metrics: { latencyMs: 1 },
});
const config = { ...CONFIG, requestHandler: stub(() => ({ statusCode: 200, body: ANSWER })) };

const input = {
  modelId: "us.amazon.nova-pro-v1:0",
  messages: [{ role: "user" as const, content: [{ text: "Hello" }] }],
};

/** A successful send, compared with the SDK's client over the same stub handler. */
export async function successfulSend(optedIn: boolean): Promise<Row> {
  const perRound = 200;
  const sends = (client: sdk.BedrockRuntimeClient) => () =>
    timed(async () => {
      for (let call = 0; call < perRound; call++) await client.send(new sdk.ConverseCommand(input));
    });
  const resilience = optedIn ? { fallback: { to: "single-region" as const }, retry: { modelTimeout: 2 } } : {};
  const ours = sends(new built.BedrockRuntimeClient({ ...config, resilience }));
  const theirs = sends(new sdk.BedrockRuntimeClient(config));
  await paired(6, ours, theirs);
  const result = await paired(60, ours, theirs);
  const most = optedIn ? 1.1 : 1.03;
  const micros = (ms: number) => (ms * 1_000) / perRound;
  return {
    what: `a successful send${optedIn ? ", fallback and retries on" : ""}`,
    unit: "µs",
    ours: micros(result.ours),
    theirs: micros(result.theirs),
    ratio: result.ratio,
    reach: `≤ ${most} ×`,
    reached: result.ratio <= most,
  };
}

/** The time that an import takes in a new process. */
const importTime = (format: "ESM" | "CommonJS", specifier: string) => async () => {
  const name = JSON.stringify(specifier);
  const program =
    format === "ESM"
      ? ["--input-type=module", "-e", `const t = performance.now(); await import(${name}); ${PRINT}`]
      : ["-e", `const t = performance.now(); require(${name}); ${PRINT}`];
  const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", ...program]);
  return Number(stdout);
};

const PRINT = "console.log(performance.now() - t);";

/** Importing the package, against importing the SDK's. */
export async function importing(format: "ESM" | "CommonJS"): Promise<Row> {
  const path = format === "ESM" ? DIST.href : new URL("../dist/index.cjs", import.meta.url).pathname;
  const [ours, theirs] = [importTime(format, path), importTime(format, "@aws-sdk/client-bedrock-runtime")];
  await paired(2, ours, theirs);
  const result = await paired(25, ours, theirs);
  return { what: `import (${format})`, unit: "ms", ...result, reach: "≤ 1.03 ×", reached: result.ratio <= 1.03 };
}

/** Importing the pure functions, which need no SDK. */
export async function importingOffline(): Promise<Row> {
  const load = importTime("ESM", OFFLINE.href);
  const times: number[] = [];
  for (let at = 0; at < 25; at++) times.push(await load());
  const ours = median(times);
  return { what: "import of offline", unit: "ms", ours, reach: "≤ 10 ms", reached: ours <= 10 };
}

/** The main entry, as an application bundles it, without the SDK. `npm run size` has the limits of all entry points. */
export async function mainEntry(): Promise<Row> {
  const program = namesFrom("index", "BedrockRuntimeClient", "ConverseCommand");
  const ours = (await sizeAtStart(program, { platform: "node", external: PACKAGES })) / 1_000;
  return { what: "main entry, as an application bundles it", unit: "kB", ours, reach: "≤ 12 kB", reached: ours <= 12 };
}

const SENTENCE =
  "User: arn:aws:sts::111122223333:assumed-role/AppRole/i-0abc1234def567890 is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0 with an explicit deny in a service control policy";

/** parseRefusal on the most frequent message, as the SDK throws it. */
export async function parsing(): Promise<Row> {
  const error = new sdk.AccessDeniedException({ message: SENTENCE, $metadata: { httpStatusCode: 403 } });
  const perRound = 20_000;
  const round = () =>
    timed(() => {
      for (let call = 0; call < perRound; call++) offline.parseRefusal(error);
    });
  for (let warmup = 0; warmup < 5; warmup++) await round();
  const times: number[] = [];
  for (let at = 0; at < 30; at++) times.push(((await round()) * 1_000) / perRound);
  return {
    what: "parseRefusal, a usual message",
    unit: "µs",
    ours: median(times),
    reach: "≤ 3 µs",
    reached: median(times) <= 3,
  };
}

/** Four times the text should take about four times the time. Uses the slowest pieces of the tests. */
export async function parsingGrows(): Promise<Row> {
  const ratios: number[] = [];
  for (const piece of [
    "is not authorized to perform: ",
    "with an explicit deny in a ",
    '\\"',
    "│ \n",
    "arn:aws:sts::1:",
    "because no ",
  ]) {
    const measure = (length: number) => {
      const message = SENTENCE + piece.repeat(Math.ceil(length / piece.length));
      return () => timed(() => offline.parseRefusal(message));
    };
    ratios.push((await paired(5, measure(1_000_000), measure(250_000))).ratio);
  }
  const worst = Math.max(...ratios);
  return {
    what: "parseRefusal, 1 MB against 250 kB",
    unit: "×",
    ours: worst,
    reach: "≤ 6 × (linear: 4)",
    reached: worst <= 6,
  };
}

const allow = { Effect: "Allow", Action: "*", Resource: "*" };
const policy = (name: string, ...Statement: object[]) => ({ name, document: { Version: "2012-10-17", Statement } });
const full = policy("FullAWSAccess", allow);

/** The global services that AWS Control Tower's Region deny exempts. */
const GLOBAL_SERVICES =
  "a4b access-analyzer account acm activate artifact aws-marketplace aws-portal billing budgets ce chatbot chime cloudfront compute-optimizer config cur devicefarm directconnect ecr-public fms freetier globalaccelerator health iam importexport invoicing kms networkmanager notifications organizations payments pricing resource-explorer-2 route53 route53domains savingsplans shield sso sts support tax trustedadvisor waf waf-regional wafv2".split(
    " ",
  );

/** Parses and evaluates an organization of three levels with a Region deny, for the five legs of a us. profile. */
export async function evaluating(): Promise<Row> {
  const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/amazon.nova-pro-v1:0`;
  const regions = ["us-west-1", "us-east-1", "us-east-2", "us-west-2"];
  const profile = {
    id: "us.amazon.nova-pro-v1:0",
    type: "SYSTEM_DEFINED" as const,
    sourceRegion: "us-west-1",
    models: regions.map((region) => ({ arn: model(region), modelId: "amazon.nova-pro-v1:0", region })),
  };
  const modelId = profile.id;
  const legs = offline.authorizationLegs({
    operation: "Converse",
    modelId,
    sourceRegion: "us-west-1",
    accountId: "111122223333",
    profile,
  });
  const deny = policy("GRREGIONDENY", {
    Sid: "GRREGIONDENY",
    Effect: "Deny",
    NotAction: GLOBAL_SERVICES.map((service) => `${service}:*`),
    Resource: "*",
    Condition: {
      StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "us-east-2", "us-west-1"] },
      ArnNotLike: { "aws:PrincipalARN": ["arn:*:iam::*:role/AWSControlTowerExecution"] },
    },
  });
  const levels = [[full, deny], [full], [full]];
  const question = {
    legs,
    principal: { arn: "arn:aws:sts::111122223333:assumed-role/App/session" },
    policies: {
      identity: [full],
      serviceControl: levels.map((policies, at) => ({ level: `level-${at}`, policies })),
    },
  };
  const perRound = 500;
  const round = () =>
    timed(() => {
      for (let call = 0; call < perRound; call++) offline.evaluateAccess(question);
    });
  for (let warmup = 0; warmup < 10; warmup++) await round();
  const times: number[] = [];
  for (let at = 0; at < 40; at++) times.push(((await round()) * 1_000) / perRound);
  const ours = median(times);
  return { what: "evaluateAccess, 3 levels, 5 legs", unit: "µs", ours, reach: "≤ 50 µs", reached: ours <= 50 };
}

/** 5,000 stars in a resource against 10,000 characters. */
export async function stars(): Promise<Row> {
  const resource = `arn:aws:bedrock:us-east-1::foundation-model/${"a".repeat(10_000)}`;
  const pattern = `arn:aws:bedrock:us-east-1::foundation-model/${"*a".repeat(5_000)}b`;
  const leg = { stage: "model" as const, action: "bedrock:InvokeModel", resource, region: "us-east-1" };
  const question = {
    legs: [leg],
    principal: { arn: "arn:aws:iam::111122223333:role/App" },
    policies: { identity: [policy("Stars", { ...allow, Resource: pattern })] },
  };
  const times: number[] = [];
  for (let at = 0; at < 30; at++) times.push(await timed(() => offline.evaluateAccess(question)));
  const ours = median(times);
  return { what: "5,000 stars, 10,000 characters", unit: "ms", ours, reach: "≤ 5 ms", reached: ours <= 5 };
}
