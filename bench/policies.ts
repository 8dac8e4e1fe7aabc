import type { PolicySetInput } from "../src/offline.js";
import { built, CONFIG, offline, stub } from "./built.js";
import { median, type Row } from "./paired.js";

const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const PROFILE = `us.${MODEL}`;
const DENIED = `User: arn:aws:sts::111122223333:assumed-role/App/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${MODEL} with an explicit deny in a service control policy`;
const profile = JSON.stringify({
  inferenceProfileName: "US",
  inferenceProfileId: PROFILE,
  inferenceProfileArn: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${PROFILE}`,
  models: ["us-east-1", "us-east-2", "us-west-2"].map((region) => ({
    modelArn: `arn:aws:bedrock:${region}::foundation-model/${MODEL}`,
  })),
  status: "ACTIVE",
  type: "SYSTEM_DEFINED",
});

type Statement = Record<string, unknown>;
const policy = (name: string, Statement: Statement[]) => ({ name, document: { Version: "2012-10-17", Statement } });
const FULL = policy("FullAWSAccess", [{ Effect: "Allow", Action: "*", Resource: "*" }]);
const regionDeny = (resource: string, regions: string[]): Statement => ({
  Effect: "Deny",
  NotAction: ["iam:*", "organizations:*", "sts:*"],
  Resource: resource,
  Condition: {
    StringNotEquals: { "aws:RequestedRegion": regions },
    ArnNotLike: { "aws:PrincipalARN": ["arn:*:iam::*:role/AWSControlTowerExecution"] },
  },
});
const other = (index: number): Statement => ({
  Effect: "Deny",
  Action: ["s3:*", `bedrock:Delete${index}`],
  Resource: [`arn:aws:s3:::bucket-${index}/*`, "arn:aws:bedrock:*:*:*"],
  Condition: {
    StringNotEquals: { "aws:RequestedRegion": [`us-east-${1 + (index % 9)}`, `eu-west-${1 + (index % 9)}`] },
  },
});

/** Returns one Region deny and a number of other statements, with 20 in each policy. */
function common(statements: number) {
  const others = Array.from({ length: statements / 20 }, (_, at) =>
    policy(
      `P${at}`,
      Array.from({ length: 20 }, (__, index) => other(20 * at + index)),
    ),
  );
  const deny = policy("RegionDeny", [regionDeny("*", ["us-east-1"])]);
  return { identity: [FULL], serviceControl: [{ level: "Root", policies: [FULL, deny, ...others] }] };
}

/**
 * Returns the largest organization within AWS Organizations' quotas since May 2026: 7 levels of 10 policies with 10,240
 * characters. Each policy denies the call.
 */
function largest() {
  const levels = Array.from({ length: 7 }, (_, level) => ({
    level: `L${level}`,
    policies: Array.from({ length: 10 }, (__, at) => {
      const statements = [...(FULL.document.Statement as Statement[]), regionDeny("*", ["us-east-1"])];
      for (let index = 0; ; index++) {
        const more = [...statements, regionDeny(`arn:aws:bedrock:*:*:*/x*${index}`, ["us-east-1", "ap-south-1"])];
        if (JSON.stringify({ Version: "2012-10-17", Statement: more }).length > 10_240) break;
        statements.push(more.at(-1) as Statement);
      }
      return policy(`P${level}-${at}`, statements);
    }),
  }));
  return { identity: [FULL], serviceControl: levels };
}

/** Returns the longest time for which the event loop was blocked, in milliseconds. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let before = performance.now();
  let isOver = false;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  longest = Math.max(longest, performance.now() - before);
  isOver = true;
  return longest;
}

/** A denied call of a new client with these policies: constructing, evaluating, and searching for remedies. */
async function blocking(what: string, policies: PolicySetInput, rounds: number): Promise<Row> {
  const requestHandler = stub(({ method }) =>
    method === "GET"
      ? { statusCode: 200, body: profile }
      : {
          statusCode: 403,
          body: JSON.stringify({ Message: DENIED }),
          headers: { "x-amzn-errortype": "AccessDeniedException" },
        },
  );
  const once = () =>
    longestBlock(async () => {
      const resilience = { diagnosis: { policies: offline.policySet(policies) } };
      const client = new built.BedrockRuntimeClient({ ...CONFIG, requestHandler, resilience });
      await client.send(new built.ConverseCommand({ modelId: PROFILE, messages: [] })).catch(() => {});
      client.destroy();
    });
  // The first one loads and compiles everything that a diagnosis needs.
  await once();
  const blocks: number[] = [];
  for (let round = 0; round < rounds; round++) blocks.push(await once());
  const ours = median(blocks);
  return { what: `longest block of the event loop, ${what}`, unit: "ms", ours, reach: "≤ 50 ms", reached: ours <= 50 };
}

export const longestBlocks = async (): Promise<Row[]> => [
  await blocking("240 statements", common(240), 9),
  await blocking("560 statements", common(560), 9),
  await blocking("100 policies of 20 statements", common(2_000), 9),
  await blocking("70 SCPs of 10,240 characters that all deny", largest(), 3),
];
