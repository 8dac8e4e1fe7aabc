import {
  ApplyGuardrailCommand,
  ConverseCommand,
  type ConverseCommandInput,
  GetAsyncInvokeCommand,
  InvokeGuardrailChecksCommand,
  InvokeModelCommand,
  ListAsyncInvokesCommand,
  StartAsyncInvokeCommand,
} from "@aws-sdk/client-bedrock-runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Diagnosis,
  diagnose,
  isDiagnosedError,
  type LeftOut,
  type PolicyInput,
  type Preflight,
  type ResilienceOptions,
} from "../../src/index.js";
import { formatDiagnosis, policySet } from "../../src/offline.js";
import { SimulatedBedrock, type SimulatedBedrockOptions } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";
import { FULL, policy } from "../policies.js";

const ACCOUNT = "111122223333";
const OTHER = "999900001111";
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session`;
const NOVA = "us.amazon.nova-pro-v1:0";
const REEL = "amazon.nova-reel-v1:0";
const GUARDRAIL = `arn:aws:bedrock:us-east-1:${ACCOUNT}:guardrail/gr1abc`;
const SHARED = `arn:aws:bedrock:us-east-1:${OTHER}:guardrail/gr9xyz`;
const PROFILE = "us.guardrail.v1:0";
const DESTINATIONS = ["us-east-1", "us-east-2", "us-west-2"];
const profileArns = DESTINATIONS.map((region) => `arn:aws:bedrock:${region}:${ACCOUNT}:guardrail-profile/${PROFILE}`);

type Stated = NonNullable<ResilienceOptions["diagnosis"]>;
type Command = Parameters<ReturnType<typeof clientOf>["send"]>[0];

const messages: ConverseCommandInput["messages"] = [{ role: "user", content: [{ text: "Hello" }] }];
const converse = (more: Partial<ConverseCommandInput> = {}): Command =>
  new ConverseCommand({ modelId: NOVA, messages, ...more }) as Command;
const guarded = (guardrailIdentifier = "gr1abc"): Command =>
  converse({ guardrailConfig: { guardrailIdentifier, guardrailVersion: "1" } });
const withTool = (name: string): Command => converse({ toolConfig: { tools: [{ systemTool: { name } }] } });
const image = (uri: string, bucketOwner?: string) => ({
  image: { format: "png" as const, source: { s3Location: { uri, ...(bucketOwner ? { bucketOwner } : {}) } } },
});
const withContent = (...content: object[]): Command =>
  converse({ messages: [{ role: "user", content: content as never }] });
const asyncInvoke = (more: object = {}, output: object = {}): Command =>
  new StartAsyncInvokeCommand({
    modelId: REEL,
    modelInput: { text: "Hello" },
    outputDataConfig: { s3OutputDataConfig: { s3Uri: "s3://videos/out", ...output } },
    ...more,
  }) as Command;

/** Everything but this action, or but this action on these resources. */
const allBut = (action: string, resource = "*"): PolicyInput =>
  policy(
    "AllBut",
    { Effect: "Allow", Action: "*", Resource: "*" },
    { Sid: "Not", Effect: "Deny", Action: action, Resource: resource },
  );

interface Case {
  call: Command;
  identity?: PolicyInput;
  stated?: Stated;
  bedrock?: SimulatedBedrockOptions;
  verdict: Preflight["verdict"];
  leftOut?: LeftOut[];
  /** The blocked legs: stage and Region. */
  blocked?: string[];
}

const withoutPriorityTier = policy(
  "Tiers",
  { Effect: "Allow", Action: "*", Resource: "*" },
  {
    Effect: "Deny",
    Action: "*",
    Resource: "*",
    Condition: { StringEquals: { "bedrock:ServiceTier": "priority" } },
  },
);
const none: Stated = { enforcedGuardrails: [] };
const sent: Stated = { enforcedGuardrails: [], guardrailProfiles: { gr1abc: [] } };

const CASES: [what: string, expected: Case][] = [
  ["a plain call, without a statement", { call: converse(), verdict: "unknown", leftOut: ["enforced-guardrails"] }],
  ["a plain call, if no guardrail is enforced", { call: converse(), stated: none, verdict: "allowed" }],

  ["a guardrail", { call: guarded(), stated: none, verdict: "unknown", leftOut: ["guardrail-profile"] }],
  ["a guardrail in one Region", { call: guarded(), stated: sent, verdict: "allowed" }],
  ["the same by its ARN", { call: guarded(GUARDRAIL), stated: sent, verdict: "allowed" }],
  [
    "a guardrail that the caller can't apply",
    {
      call: guarded(),
      stated: sent,
      identity: allBut("bedrock:ApplyGuardrail"),
      verdict: "blocked",
      blocked: ["guardrail us-east-1"],
    },
  ],
  [
    "a guardrail of another Region",
    {
      call: guarded(`arn:aws:bedrock:eu-west-1:${ACCOUNT}:guardrail/gr1abc`),
      stated: none,
      verdict: "unknown",
      leftOut: ["guardrail", "guardrail-profile"],
    },
  ],
  [
    "a guardrail of another account",
    {
      call: guarded(SHARED),
      stated: { enforcedGuardrails: [], guardrailProfiles: { [SHARED]: [] } },
      bedrock: { guardrails: [{ id: SHARED }] },
      verdict: "unknown",
      leftOut: ["other-account"],
    },
  ],
  [
    "a cross-Region guardrail",
    {
      call: guarded(),
      stated: { enforcedGuardrails: [], guardrailProfiles: { gr1abc: profileArns } },
      bedrock: { guardrails: [{ id: "gr1abc", profile: { id: PROFILE, regions: DESTINATIONS } }] },
      verdict: "allowed",
    },
  ],
  [
    "a cross-Region guardrail in a denied Region, although inference profiles are exempt",
    {
      call: guarded(),
      stated: { enforcedGuardrails: [], guardrailProfiles: { gr1abc: profileArns } },
      bedrock: { guardrails: [{ id: "gr1abc", profile: { id: PROFILE, regions: DESTINATIONS } }] },
      identity: policy(
        "RegionDeny",
        { Effect: "Allow", Action: "*", Resource: "*" },
        {
          Effect: "Deny",
          Action: "bedrock:*",
          Resource: "*",
          Condition: {
            StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "us-east-2"] },
            ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" },
          },
        },
      ),
      verdict: "blocked",
      blocked: ["guardrail-profile us-west-2"],
    },
  ],

  [
    "an enforced guardrail",
    {
      call: converse(),
      stated: { enforcedGuardrails: [GUARDRAIL], guardrailProfiles: { gr1abc: [] } },
      bedrock: { guardrails: [{ id: "gr1abc", enforcedBy: "account" }] },
      verdict: "allowed",
    },
  ],
  [
    "an enforced guardrail that the caller can't apply",
    {
      call: converse(),
      stated: { enforcedGuardrails: [GUARDRAIL], guardrailProfiles: { gr1abc: [] } },
      bedrock: { guardrails: [{ id: "gr1abc", enforcedBy: "account" }] },
      identity: allBut("bedrock:ApplyGuardrail"),
      verdict: "blocked",
      blocked: ["guardrail us-east-1"],
    },
  ],
  [
    "an enforced guardrail of the organization, in another account",
    {
      call: converse(),
      stated: { enforcedGuardrails: [SHARED], guardrailProfiles: { gr9xyz: [] } },
      bedrock: { guardrails: [{ id: SHARED, enforcedBy: "organization" }] },
      verdict: "unknown",
      leftOut: ["other-account"],
    },
  ],
  [
    "an enforced guardrail in another Region",
    {
      call: converse(),
      stated: { enforcedGuardrails: [`arn:aws:bedrock:eu-west-1:${ACCOUNT}:guardrail/gr1abc`] },
      bedrock: { guardrails: [{ id: `arn:aws:bedrock:eu-west-1:${ACCOUNT}:guardrail/gr1abc`, enforcedBy: "account" }] },
      verdict: "allowed",
    },
  ],

  ["a system tool", { call: withTool("nova_grounding"), stated: none, verdict: "allowed" }],
  [
    "a system tool that the caller can't invoke",
    {
      call: withTool("nova_grounding"),
      stated: none,
      identity: allBut("bedrock:InvokeTool", `arn:aws:bedrock::${ACCOUNT}:system-tool/amazon.nova_grounding`),
      verdict: "blocked",
      blocked: ["system-tool unspecified"],
    },
  ],
  [
    "a system tool, with a Region deny that doesn't exempt unspecified",
    {
      call: withTool("nova_grounding"),
      stated: none,
      identity: policy(
        "RegionDeny",
        { Effect: "Allow", Action: "*", Resource: "*" },
        {
          Effect: "Deny",
          Action: "*",
          Resource: "*",
          Condition: { StringNotEquals: { "aws:RequestedRegion": DESTINATIONS } },
        },
      ),
      verdict: "blocked",
      blocked: ["system-tool unspecified"],
    },
  ],
  [
    "a system tool without a documented ARN",
    { call: withTool("acme_search"), stated: none, verdict: "unknown", leftOut: ["system-tool"] },
  ],

  ["an asynchronous invocation", { call: asyncInvoke(), stated: none, verdict: "unknown", leftOut: ["s3"] }],
  [
    "an asynchronous invocation that the caller can't start",
    {
      call: asyncInvoke(),
      stated: none,
      identity: allBut("bedrock:InvokeModel", `arn:aws:bedrock:us-east-1:${ACCOUNT}:async-invoke/*`),
      verdict: "blocked",
      leftOut: ["s3"],
      blocked: ["async-invoke us-east-1"],
    },
  ],
  [
    "an output that the caller can't write",
    {
      call: asyncInvoke(),
      stated: none,
      identity: allBut("s3:PutObject", "arn:aws:s3:::videos/*"),
      verdict: "blocked",
      leftOut: ["s3"],
      blocked: ["s3 us-east-1"],
    },
  ],
  [
    "tags that the caller can't set",
    {
      call: asyncInvoke({ tags: [{ key: "team", value: "b" }] }),
      stated: none,
      identity: policy(
        "Tags",
        { Effect: "Allow", NotAction: "bedrock:TagResource", Resource: "*" },
        {
          Effect: "Allow",
          Action: "bedrock:TagResource",
          Resource: "*",
          Condition: { StringEquals: { "aws:RequestTag/team": "a" } },
        },
      ),
      verdict: "blocked",
      leftOut: ["s3"],
      blocked: ["tag us-east-1"],
    },
  ],
  [
    "an output that is encrypted with a key",
    {
      call: asyncInvoke({}, { kmsKeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab` }),
      stated: none,
      verdict: "unknown",
      leftOut: ["s3", "kms"],
    },
  ],
  [
    "a key that the caller can't use",
    {
      call: asyncInvoke({}, { kmsKeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab` }),
      stated: none,
      identity: allBut("kms:*"),
      verdict: "blocked",
      leftOut: ["s3", "kms"],
      blocked: ["kms us-east-1"],
    },
  ],
  [
    "an output bucket of another account",
    {
      call: asyncInvoke({}, { bucketOwner: OTHER }),
      stated: none,
      verdict: "unknown",
      leftOut: ["s3", "other-account"],
    },
  ],
  [
    "an asynchronous invocation, without a statement",
    { call: asyncInvoke(), verdict: "unknown", leftOut: ["enforced-guardrails", "s3"] },
  ],

  [
    "an image in Amazon S3",
    { call: withContent(image("s3://images/a.png")), stated: none, verdict: "unknown", leftOut: ["s3"] },
  ],
  [
    "an image in Amazon S3 that the caller can't read",
    {
      call: withContent(image("s3://images/a.png")),
      stated: none,
      identity: allBut("s3:GetObject", "arn:aws:s3:::images/a.png"),
      verdict: "blocked",
      leftOut: ["s3"],
      blocked: ["s3 us-east-1"],
    },
  ],
  [
    "the same in a tool's result",
    {
      call: withContent({ toolResult: { toolUseId: "t", content: [image("s3://images/a.png")] } }),
      stated: none,
      identity: allBut("s3:GetObject", "arn:aws:s3:::images/a.png"),
      verdict: "blocked",
      leftOut: ["s3"],
      blocked: ["s3 us-east-1"],
    },
  ],
  [
    "an image in another account's bucket",
    {
      call: withContent(image("s3://images/a.png", OTHER)),
      stated: none,
      verdict: "unknown",
      leftOut: ["s3", "other-account"],
    },
  ],
  [
    "a text about s3Location",
    { call: withContent({ text: '{"s3Location":{"uri":"s3://a/b"}}' }), stated: none, verdict: "allowed" },
  ],

  [
    "a body",
    {
      call: new InvokeModelCommand({ modelId: NOVA, body: '{"messages":[]}' }) as Command,
      stated: none,
      verdict: "allowed",
    },
  ],
  [
    "a body with an object in Amazon S3",
    {
      call: new InvokeModelCommand({ modelId: NOVA, body: new TextEncoder().encode('{"s3Location":{}}') }) as Command,
      stated: none,
      verdict: "unknown",
      leftOut: ["request-body"],
    },
  ],
  [
    "a body that can be read only once",
    {
      call: new InvokeModelCommand({ modelId: NOVA, body: new Blob(["{}"]) as never }) as Command,
      stated: none,
      verdict: "unknown",
      leftOut: ["request-body"],
    },
  ],

  [
    "a custom model",
    {
      call: converse({ modelId: `arn:aws:bedrock:us-east-1:${ACCOUNT}:custom-model-deployment/abcdefghijkl` }),
      stated: none,
      verdict: "unknown",
      leftOut: ["model-kms-key"],
    },
  ],
  [
    "an imported model",
    {
      call: converse({ modelId: `arn:aws:bedrock:us-east-1:${ACCOUNT}:imported-model/abcdefghijkl` }),
      stated: none,
      verdict: "unknown",
      leftOut: ["model-kms-key"],
    },
  ],
  [
    "a custom model",
    {
      call: converse({
        modelId: `arn:aws:bedrock:us-east-1:${ACCOUNT}:custom-model/amazon.nova-lite-v1:0/abcdefghijkl`,
      }),
      stated: none,
      verdict: "unknown",
      leftOut: ["model-kms-key"],
    },
  ],
  [
    "a provisioned model of another account",
    {
      call: converse({ modelId: `arn:aws:bedrock:us-east-1:${OTHER}:provisioned-model/abcdefghijkl` }),
      stated: none,
      verdict: "blocked",
      leftOut: ["model-kms-key"],
      blocked: ["model us-east-1"],
    },
  ],
  [
    "a prompt",
    {
      call: converse({ modelId: `arn:aws:bedrock:us-east-1:${ACCOUNT}:prompt/ABCDEFGHIJ` }),
      stated: none,
      verdict: "unknown",
      leftOut: ["prompt"],
    },
  ],
  [
    "a prompt router",
    {
      call: converse({ modelId: `arn:aws:bedrock:us-east-1:${ACCOUNT}:prompt-router/abcdefghijkl` }),
      stated: none,
      verdict: "unknown",
      leftOut: ["prompt-router"],
    },
  ],
  [
    "a Marketplace endpoint",
    {
      call: converse({ modelId: `arn:aws:sagemaker:us-east-1:${ACCOUNT}:endpoint/acme` }),
      stated: none,
      verdict: "unknown",
      leftOut: ["marketplace-endpoint"],
    },
  ],

  [
    "ApplyGuardrail",
    {
      call: new ApplyGuardrailCommand({
        guardrailIdentifier: "gr1abc",
        guardrailVersion: "1",
        source: "INPUT",
        content: [{ text: { text: "Hello" } }],
      }) as Command,
      stated: { guardrailProfiles: { gr1abc: [] } },
      verdict: "allowed",
    },
  ],
  [
    "InvokeGuardrailChecks that the caller can't invoke",
    {
      call: new InvokeGuardrailChecksCommand({ messages: [], checks: {} } as never) as Command,
      identity: allBut("bedrock:InvokeGuardrailChecks"),
      verdict: "blocked",
      blocked: ["guardrail us-east-1"],
    },
  ],
  ["ListAsyncInvokes", { call: new ListAsyncInvokesCommand({}) as Command, verdict: "allowed" }],
  [
    "GetAsyncInvoke that the caller can't read",
    {
      call: new GetAsyncInvokeCommand({
        invocationArn: `arn:aws:bedrock:us-east-1:${ACCOUNT}:async-invoke/abcdefghijkl`,
      }) as Command,
      identity: allBut("bedrock:GetAsyncInvoke"),
      verdict: "blocked",
      blocked: ["async-invoke us-east-1"],
    },
  ],

  [
    "a service tier that is denied",
    {
      call: converse({ serviceTier: { type: "priority" } }),
      stated: none,
      identity: withoutPriorityTier,
      verdict: "blocked",
      blocked: [
        "profile us-east-1",
        "source-model us-east-1",
        "destination-model us-east-2",
        "destination-model us-west-2",
      ],
    },
  ],
  [
    "no service tier, if one is denied",
    {
      call: converse(),
      stated: none,
      identity: withoutPriorityTier,
      verdict: "allowed",
    },
  ],
];

async function run({ call, identity = FULL, stated, bedrock }: Case) {
  const simulated = new SimulatedBedrock({
    principals: [{ arn: SESSION, identity: [identity] }],
    models: [{ id: REEL, onDemandRegions: ["us-east-1"] }],
    ...bedrock,
  });
  const client = clientOf(simulated, { diagnosis: { policies: policySet({ identity: [identity] }), ...stated } });
  return { client, preflight: await client.diagnose(call) };
}

describe("what a call needs in addition to its model", () => {
  it.each(CASES)("%s", async (_, expected) => {
    const { client, preflight } = await run(expected);
    const { verdict, leftOut, legs } = preflight;
    const blocked = legs.filter((each) => each.verdict === "blocked").map(({ leg }) => `${leg.stage} ${leg.region}`);
    expect({ verdict, leftOut, blocked }).toEqual({
      verdict: expected.verdict,
      leftOut: expected.leftOut ?? [],
      blocked: expected.blocked ?? [],
    });
    expect(JSON.parse(JSON.stringify(preflight))).toEqual(preflight);
    const answered = client.send(expected.call);
    if (verdict === "allowed") await expect(answered).resolves.toBeDefined();
    else await answered.catch(() => undefined);
  });
});

/** Allows the model and its inference profile, and nothing else. */
const MODEL_ONLY = policy("ModelOnly", {
  Effect: "Allow",
  Action: "bedrock:InvokeModel",
  Resource: ["arn:aws:bedrock:*::foundation-model/*", "arn:aws:bedrock:*:*:inference-profile/*"],
});

describe("what isn't checked", () => {
  it("is listed in the summary and the report, and facts that the application states are evidence", async () => {
    const unstated = await run({ call: guarded(), verdict: "unknown" });
    expect(unstated.preflight.summary).toContain(
      "the following wasn't checked: guardrails that the account or the organization enforces (enforcedGuardrails) and the guardrail profile of a cross-Region guardrail (guardrailProfiles)",
    );
    for (const format of ["text", "markdown", "html"] as const) {
      expect(formatDiagnosis(unstated.preflight, format)).toContain("not checked");
    }
    const { preflight } = await run({ call: guarded(), stated: sent, verdict: "allowed" });
    expect(preflight.evidence.filter(({ source }) => source === "application").map(({ says }) => says)).toEqual([
      "The application states that no guardrail is enforced.",
      "The application states that guardrail gr1abc doesn't use cross-Region inference.",
    ]);
  });

  it("keeps a simulation from allowing another account's guardrail", async () => {
    const simulated = new SimulatedBedrock({ principals: [{ arn: SESSION }], guardrails: [{ id: SHARED }] });
    const statement = { enforcedGuardrails: [SHARED], guardrailProfiles: { gr9xyz: [] } };
    const policies = { unknownContext: "absent" as const };
    const simulation = { requestsPerSecond: 50 };
    const client = clientOf(simulated, { diagnosis: { policies: policySet(policies), simulation, ...statement } });
    const preflight = await client.diagnose(converse());
    expect(preflight.legs.at(-1)).toMatchObject({ leg: { stage: "guardrail" }, verdict: "unknown" });
    expect(preflight).toMatchObject({ verdict: "unknown", leftOut: ["other-account"] });
  });

  it("doesn't include what a question without a command states", async () => {
    const client = clientOf(new SimulatedBedrock({ principals: [{ arn: SESSION }] }));
    const guardrailDeny = policy(
      "Guarded",
      { Effect: "Allow", Action: "*", Resource: "*" },
      {
        Effect: "Deny",
        Action: "bedrock:InvokeModel",
        Resource: "*",
        Condition: { StringNotEquals: { "bedrock:GuardrailIdentifier": `${GUARDRAIL}:1` } },
      },
    );
    const ask = (more: object) =>
      diagnose({ modelId: NOVA, client, policies: policySet({ identity: [guardrailDeny] }), ...sent, ...more });
    expect((await ask({})).verdict).toBe("unknown");
    expect((await ask({ guardrail: { identifier: "gr1abc", version: "1" } })).verdict).toBe("allowed");
    expect((await ask({ guardrail: { identifier: "gr1abc", version: "2" } })).verdict).toBe("blocked");
  });

  it("isn't part of a VPC endpoint policy: Bedrock reads from Amazon S3 by itself", async () => {
    const vpcEndpoint = policy("Endpoint", { Effect: "Allow", Principal: "*", Action: "bedrock:*", Resource: "*" });
    const simulated = new SimulatedBedrock({ principals: [{ arn: SESSION }] });
    const policies = { identity: [FULL], vpcEndpoint };
    const client = clientOf(simulated, { diagnosis: { policies: policySet(policies), ...none } });
    const preflight = await client.diagnose(withContent(image("s3://images/a.png")));
    expect(preflight).toMatchObject({ verdict: "unknown", leftOut: ["s3"] });
    expect(preflight.legs.every(({ verdict }) => verdict === "allowed")).toBe(true);
  });
});

describe("a remedy", () => {
  it.each<[string, Command, Stated, SimulatedBedrockOptions, string[]]>([
    ["a guardrail", guarded(), sent, {}, ["ApplyGuardrail"]],
    ["a system tool", withTool("nova_grounding"), none, {}, ["InvokeTool"]],
    [
      "an enforced cross-Region guardrail",
      converse(),
      { enforcedGuardrails: [GUARDRAIL], guardrailProfiles: { gr1abc: profileArns } },
      { guardrails: [{ id: "gr1abc", enforcedBy: "account", profile: { id: PROFILE, regions: DESTINATIONS } }] },
      ["ApplyGuardrail"],
    ],
  ])("for %s is verified, and the call succeeds with it", async (_, call, stated, bedrock, sids) => {
    const { preflight } = await run({ call, stated, bedrock, identity: MODEL_ONLY, verdict: "blocked" });
    expect(preflight.verdict).toBe("blocked");
    const [remedy] = preflight.remedies;
    expect(remedy?.verified).toBe(true);
    const [edit] = remedy?.edits ?? [];
    const statements = edit?.change.edit === "add-statements" ? edit.change.statements : [];
    expect(statements.map(({ Sid }) => Sid)).toEqual(sids);
    const { Statement } = MODEL_ONLY.document as { Statement: object[] };
    const after = await run({
      call,
      stated,
      bedrock,
      identity: policy("After", ...Statement, ...statements),
      verdict: "allowed",
    });
    expect(after.preflight.verdict).toBe("allowed");
    await expect(after.client.send(call)).resolves.toBeDefined();
  });

  it("isn't verified if more of the request wasn't checked", async () => {
    const { preflight } = await run({ call: guarded(), stated: none, identity: MODEL_ONLY, verdict: "blocked" });
    expect(preflight).toMatchObject({ verdict: "blocked", leftOut: ["guardrail-profile"] });
    expect(preflight.remedies.length).toBeGreaterThan(0);
    expect(preflight.remedies.some(({ verified }) => verified)).toBe(false);
  });
});

describe("the report of a preflight", () => {
  const report = async (deny: object, call: Command) => {
    const serviceControl = [
      { level: "Root", policies: [FULL, policy("Deny", { Effect: "Deny", Resource: "*", ...deny })] },
    ];
    const client = clientOf(new SimulatedBedrock({ principals: [{ arn: SESSION }] }), {
      diagnosis: { policies: policySet({ identity: [FULL], serviceControl }), ...none },
    });
    return client.diagnose(call);
  };
  const tool = `bedrock:InvokeTool on arn:aws:bedrock::${ACCOUNT}:system-tool/amazon.nova_grounding`;

  it("identifies the action and the resource that are blocked", async () => {
    const preflight = await report({ Action: "bedrock:InvokeTool" }, withTool("nova_grounding"));
    expect(preflight.summary).toContain(`${tool} is denied, in a call of ${NOVA} (source Region us-east-1)`);
    expect(preflight.remedies.map(({ code }) => code)).toEqual(["change-denying-policy"]);
    expect(preflight.remedies[0]?.steps[0]).toContain(`the Deny that matches ${tool}`);
  });

  it("also lists what an exemption of inference profiles doesn't allow", async () => {
    const Condition = { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } };
    const preflight = await report({ Action: "bedrock:*", Condition }, withTool("nova_grounding"));
    expect(preflight).toMatchObject({ verdict: "blocked", blockedRegions: ["us-east-2", "us-west-2"] });
    expect(preflight.summary).toContain(
      `Also denied: ${tool}. An exemption of inference profiles doesn't apply to this.`,
    );
    const verified = preflight.remedies.filter((each) => each.verified);
    expect(verified.length).toBeGreaterThan(0);
    for (const { edits } of verified) expect(JSON.stringify(edits)).toContain("unspecified");
  });
});

describe("the sentences about what a call needs", () => {
  const ask = (call: Command, identity: PolicyInput, serviceControl?: PolicyInput, stated: Stated = sent) => {
    const policies = {
      identity: [identity],
      ...(serviceControl ? { serviceControl: [{ level: "Root", policies: [FULL, serviceControl] }] } : {}),
    };
    return clientOf(new SimulatedBedrock({ principals: [{ arn: SESSION }] }), {
      diagnosis: { policies: policySet(policies), ...stated },
    }).diagnose(call);
  };
  const regionDeny = policy("Regions", {
    Effect: "Deny",
    Action: "*",
    Resource: "*",
    Condition: { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } },
  });

  it("ask for the missing action, not for the inference profile", async () => {
    const { summary } = await ask(guarded(), MODEL_ONLY);
    expect(summary).toContain(`bedrock:ApplyGuardrail on ${GUARDRAIL} is denied`);
    expect(summary).toContain("Ask an account administrator to allow it.");
  });

  it("mention exemptions of inference profiles only for a Deny", async () => {
    const identity = policy("Other", { Effect: "Allow", Action: "s3:ListBucket", Resource: "*" });
    const { summary } = await ask(withContent(image("s3://images/a.png")), identity);
    expect(summary).toContain("Also denied: s3:GetObject on arn:aws:s3:::images/a.png.");
    expect(summary).not.toContain("exemption");
  });

  it("separate the model from the rest if several policies decide", async () => {
    const tool = `arn:aws:bedrock::${ACCOUNT}:system-tool/amazon.nova_grounding`;
    const call = converse({
      guardrailConfig: { guardrailIdentifier: "gr1abc", guardrailVersion: "1" },
      toolConfig: { tools: [{ systemTool: { name: "nova_grounding" } }] },
    });
    const { summary, remedies } = await ask(call, allBut("bedrock:ApplyGuardrail"), regionDeny);
    const [denied, whom, also] = summary.split("\n");
    expect(denied).toBe(
      `bedrock:InvokeModel through ${NOVA} from us-east-1 is denied in us-east-2 and us-west-2 (the service control policy Regions denies it explicitly).`,
    );
    expect(whom).toContain("Each of these denials must be fixed.");
    expect(also).toBe(
      `Also denied: bedrock:InvokeTool on ${tool} (the service control policy Regions denies it explicitly) and bedrock:ApplyGuardrail on ${GUARDRAIL} (the identity-based policy AllBut denies it explicitly).`,
    );
    // A Region deny that blocks the model and the tool must approve the Regions of both.
    expect(remedies.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["approve-regions", "approve-unspecified"]),
    );
  });

  it("identify a model of the own account for a model of another account", async () => {
    const modelId = `arn:aws:bedrock:us-east-1:${OTHER}:provisioned-model/abcdefghijkl`;
    const { summary, remedies } = await ask(converse({ modelId }), FULL);
    expect(summary).toContain("Use a model of the caller's own account.");
    expect(remedies.map(({ title }) => title)).toEqual(["Use a model of the caller's own account"]);
    expect(remedies[0]?.steps[0]).toContain(modelId);
  });

  it("don't mention Amazon S3 for a VPC endpoint policy", async () => {
    const simulated = new SimulatedBedrock();
    simulated.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: `User: ${SESSION} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${NOVA} because no VPC endpoint policy allows the bedrock:InvokeModel action`,
    });
    const error = await clientOf(simulated)
      .send(withContent(image("s3://images/a.png")))
      .catch((thrown) => thrown);
    if (!isDiagnosedError(error)) throw new Error("not diagnosed");
    expect(JSON.stringify(error.diagnosis.remedies)).toContain("bedrock:InvokeModel");
    expect(JSON.stringify(error.diagnosis.remedies)).not.toContain("s3:GetObject");
  });
});

describe("a denial of what a call needs in addition to its model", () => {
  async function denied(call: Command, bedrock: SimulatedBedrockOptions, resilience: ResilienceOptions = {}) {
    const simulated = new SimulatedBedrock(bedrock);
    const error = await clientOf(simulated, resilience)
      .send(call)
      .catch((thrown) => thrown);
    if (!isDiagnosedError(error)) throw new Error("not diagnosed");
    return { diagnosis: error.diagnosis, requests: simulated.requests.map(({ operation }) => operation) };
  }
  const asked = (identity: PolicyInput) => ({ principals: [{ arn: SESSION, identity: [identity] }] });
  const messageLegs = ({ legs }: Diagnosis) =>
    legs.filter(({ evidence }) => evidence.includes("message")).map(({ leg }) => `${leg.stage} ${leg.resource}`);

  it("is the leg of the request's guardrail, and isn't about routing", async () => {
    const { diagnosis } = await denied(guarded(), asked(allBut("bedrock:ApplyGuardrail")));
    expect(diagnosis.kind).toBe("guardrail-denied");
    expect(messageLegs(diagnosis)).toEqual([`guardrail ${GUARDRAIL}`]);
    expect(diagnosis.blockedRegions).toEqual([]);
  });

  it("is a separate leg for a guardrail that is enforced", async () => {
    const guardrails = [{ id: "gr1abc", enforcedBy: "account" as const }];
    const { diagnosis } = await denied(converse(), { ...asked(allBut("bedrock:ApplyGuardrail")), guardrails });
    expect(messageLegs(diagnosis)).toEqual([`guardrail ${GUARDRAIL}`]);
    expect(diagnosis.leftOut).toEqual(["enforced-guardrails"]);
  });

  it("doesn't use the owner of an enforced guardrail as the caller's account", async () => {
    const simulated = new SimulatedBedrock();
    simulated.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: `User: *** is not authorized to perform: bedrock:ApplyGuardrail on resource: ${SHARED} because no identity-based policy allows the bedrock:ApplyGuardrail action`,
    });
    const error = await clientOf(simulated, { diagnosis: { timeoutMs: 0 } })
      .send(converse())
      .catch((thrown) => thrown);
    if (!isDiagnosedError(error)) throw new Error("not diagnosed");
    const ofModel = error.diagnosis.legs.filter(({ leg }) => leg.stage === "profile");
    expect(ofModel.map(({ leg }) => leg.resource)).toEqual([
      `arn:aws:bedrock:us-east-1:<account-id>:inference-profile/${NOVA}`,
    ]);
    expect(messageLegs(error.diagnosis)).toEqual([`guardrail ${SHARED}`]);
  });

  it("is the leg of the system tool", async () => {
    const { diagnosis } = await denied(withTool("nova_grounding"), asked(allBut("bedrock:InvokeTool")));
    const tool = `arn:aws:bedrock::${ACCOUNT}:system-tool/amazon.nova_grounding`;
    expect(messageLegs(diagnosis)).toEqual([`system-tool ${tool}`]);
    expect(diagnosis.blockedRegions).toEqual([]);
    expect(diagnosis.summary).toContain(`bedrock:InvokeTool was denied on ${tool}, in a call of`);
  });

  it.each<[string, Command, string]>([
    ["a guardrail profile in a destination Region", guarded(), "bedrock:ApplyGuardrail"],
    ["a system tool", withTool("nova_grounding"), "bedrock:InvokeTool"],
    ["an object in Amazon S3", withContent(image("s3://images/a.png")), "s3:GetObject"],
  ])("doesn't lead to a fallback: %s", async (_, call, action) => {
    const guardrails = [{ id: "gr1abc", profile: { id: PROFILE, regions: DESTINATIONS } }];
    const identity = policy(
      "West",
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: action, Resource: action.endsWith("Guardrail") ? "*:us-west-2:*" : "*" },
    );
    const { diagnosis, requests } = await denied(
      call,
      { ...asked(identity), guardrails },
      { fallback: { to: "single-region" } },
    );
    expect(diagnosis.fallback).toMatchObject({ notTried: "not-about-routing" });
    expect(requests.filter((operation) => operation === "Converse")).toHaveLength(1);
  });
});

describe("random calls and policies", () => {
  const CALLS: [Command, Stated, SimulatedBedrockOptions][] = [
    [converse(), none, {}],
    [converse({ serviceTier: { type: "flex" } }), none, {}],
    [guarded(), sent, {}],
    [converse({ guardrailConfig: { guardrailIdentifier: "gr1abc", guardrailVersion: "DRAFT" } }), sent, {}],
    [withTool("nova_grounding"), none, {}],
    [
      guarded(),
      { enforcedGuardrails: [GUARDRAIL], guardrailProfiles: { gr1abc: profileArns } },
      { guardrails: [{ id: "gr1abc", enforcedBy: "account", profile: { id: PROFILE, regions: DESTINATIONS } }] },
    ],
    [asyncInvoke({ tags: [{ key: "team", value: "a" }] }), none, {}],
    [withContent(image("s3://images/a.png")), none, {}],
  ];
  const actions = fc.constantFrom(
    "*",
    "bedrock:*",
    "bedrock:Invoke*",
    "bedrock:ApplyGuardrail",
    "bedrock:TagResource",
    "s3:*",
  );
  const resources = fc.constantFrom(
    "*",
    "arn:aws:bedrock:us-east-1:*:*",
    GUARDRAIL,
    "arn:aws:s3:::images/*",
    "*:us-west-2:*",
  );
  const conditions = fc.constantFrom<object>(
    {},
    { StringEquals: { "bedrock:GuardrailIdentifier": `${GUARDRAIL}:1` } },
    { StringNotEquals: { "bedrock:GuardrailIdentifier": `${GUARDRAIL}:1` } },
    { Null: { "bedrock:GuardrailIdentifier": "true" } },
    { StringEquals: { "bedrock:ServiceTier": ["flex"] } },
    { Null: { "bedrock:ServiceTier": "false" } },
    { StringEquals: { "aws:RequestTag/team": "a" } },
    { Null: { "aws:RequestTag/team": "true" } },
    { Null: { "aws:RequestTag/cost": "true" } },
    { "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } },
    { StringNotEquals: { "aws:RequestedRegion": [...DESTINATIONS, "unspecified"] } },
    { StringNotEquals: { "aws:RequestedRegion": DESTINATIONS } },
    { ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" } },
    { Bool: { "aws:ViaAWSService": "true" } },
  );
  const statement = fc.record({
    Effect: fc.constantFrom("Allow", "Deny"),
    Action: actions,
    Resource: resources,
    Condition: conditions,
  });

  it("have the same verdict as the call that follows", async () => {
    const seen = new Set<string>();
    const property = fc.asyncProperty(
      fc.nat(CALLS.length - 1),
      fc.array(statement, { maxLength: 3 }),
      async (at, some) => {
        const [call, stated, bedrock] = CALLS[at] as (typeof CALLS)[number];
        const identity = policy("Random", { Effect: "Allow", Action: "*", Resource: "*" }, ...some);
        const { client, preflight } = await run({ call, stated, bedrock, identity, verdict: "unknown" });
        const name = await client.send(call).then(
          () => "answered",
          (error: Error) => error.name,
        );
        seen.add(preflight.verdict);
        if (preflight.verdict === "allowed") expect(name).toBe("answered");
        if (preflight.verdict === "blocked") expect(name).toBe("AccessDeniedException");
      },
    );
    await fc.assert(property, { numRuns: 60, seed: 20_261_125 });
    expect(seen).toEqual(new Set(["allowed", "blocked", "unknown"]));
  }, 120_000);
});
