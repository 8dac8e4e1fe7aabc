import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SENTENCE_CODES } from "../../src/refusal/sentences.js";
import { CLAUDE, type Denied, diagnosisOf, NOVA } from "./conclusions.js";

const FINDINGS = readFileSync(join(import.meta.dirname, "../../docs/findings.md"), "utf8");
const quotes = SENTENCE_CODES.map((code) => {
  const [, section = ""] = FINDINGS.split(`### \`${code}\`\n`);
  return /^> (.+)$/m.exec(section)?.[1] ?? "";
});

const MODEL_IN_OHIO = `arn:aws:bedrock:us-east-2::foundation-model/${NOVA}`;
const PROMPT = "arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:1";
const SCP = "with an explicit deny in a service control policy";
const IDENTITY = "because no identity-based policy allows the bedrock:InvokeModel action";

const denial = (reason: string, resource = MODEL_IN_OHIO, action = "bedrock:InvokeModel") =>
  `User: arn:aws:sts::111122223333:assumed-role/AppRole/session is not authorized to perform: ${action} on resource: ${resource} ${reason}`;

type Explained = Awaited<ReturnType<typeof diagnosisOf>>;
const textOf = ({ summary, remedies }: Explained) =>
  [summary, ...remedies.flatMap(({ title, steps }) => [title, ...steps])].join("\n");
const codesOf = ({ remedies }: Explained) => remedies.map(({ code }) => code);

describe("an unknown Region of the client", () => {
  const REGIONLESS = /\b(in|from|of|for|calls?|approve|Region) (an )?unknown\b|undefined| {2}/;
  const RESOURCES = [
    MODEL_IN_OHIO,
    `arn:aws:bedrock:::foundation-model/${NOVA}`,
    `arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.${NOVA}`,
  ];
  const denials = RESOURCES.flatMap((resource) => [SCP, IDENTITY, ""].map((reason) => denial(reason, resource)));

  it.each([...quotes, ...denials, "no session policy allows the action", "nope", ""])(
    "isn't mentioned: %s",
    async (message) => {
      for (const modelId of [NOVA, `us.${NOVA}`, ""]) {
        const text = textOf(await diagnosisOf(message, { sourceRegion: "unknown", modelId }));
        expect(text).not.toMatch(REGIONLESS);
      }
    },
  );

  it("is the one in the message, if a model is called directly", async () => {
    const { summary } = await diagnosisOf(denial(SCP), { sourceRegion: "unknown", modelId: NOVA });
    expect(summary).toContain("approve us-east-2 in it");
  });
});

describe("an unknown model", () => {
  it.each(quotes)("doesn't leave a gap: %s", async (message) => {
    const text = textOf(await diagnosisOf(message, { modelId: "" }));
    expect(text).not.toMatch(/^the |ID the model|prompt the model|\bon \.| {2}/m);
  });
});

describe("remedies without statements", () => {
  it.each([
    [
      "no permissions boundary allows the bedrock:InvokeModel action",
      "Allow bedrock:InvokeModel in the permissions boundary",
    ],
    [
      "no VPC endpoint policy allows the bedrock:InvokeModel action",
      "Allow bedrock:InvokeModel in the VPC endpoint policy",
    ],
    ["no session policy allows the action", "Allow bedrock:InvokeModel in the session policy"],
    [
      "no identity-based policy allows the bedrock:InvokeModel action",
      "Allow bedrock:InvokeModel in the identity-based policy",
    ],
  ])("have no introduction without statements: %s", async (message, title) => {
    const diagnosis = await diagnosisOf(message, { sourceRegion: "unknown", modelId: "" });
    expect(diagnosis.remedies[0]).toMatchObject({ code: "allow-in-policy", title });
    expect(diagnosis.remedies[0]?.policy).toBeUndefined();
    expect(textOf(diagnosis)).not.toContain("following statement");
  });
});

describe("remedies of other actions", () => {
  const denied: Denied = { modelId: `us.${CLAUDE}` };
  const KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

  it("are in the policy that AWS identified", async () => {
    const boundary = await diagnosisOf(
      denial("because no permissions boundary allows the kms:Decrypt action", KEY, "kms:Decrypt"),
      denied,
    );
    expect(textOf(boundary)).toContain("Add the following statement to the permissions boundary.");
    expect(textOf(boundary)).not.toMatch(/every leg|to the caller's policy/);
  });

  it("allow at every level if no service control policy allows the action", async () => {
    const reason = "because no service control policy allows the bedrock:CallWithBearerToken action";
    const diagnosis = await diagnosisOf(denial(reason, "*", "bedrock:CallWithBearerToken"), denied);
    expect(diagnosis.remedies[0]).toMatchObject({
      code: "allow-at-every-scp-level",
      who: "organization-administrator",
      policy: { policyType: "service-control-policy", change: "add-statements" },
    });
    expect(textOf(diagnosis)).not.toContain("Find the Deny");
  });

  it("are a guess, if the error doesn't identify the policy", async () => {
    const guess = await diagnosisOf(denial("", KEY, "kms:Decrypt"), denied);
    expect(guess.remedies[0]).toMatchObject({ code: "allow-the-action", confidence: "possible" });
  });
});

describe("policies that can't allow the call", () => {
  it("no resource-based policy, and the resource is a foundation model", async () => {
    const reason = "because no resource-based policy allows the bedrock:InvokeModel action";
    const ofModel = await diagnosisOf(denial(reason), { modelId: NOVA, sourceRegion: "us-east-2" });
    expect(codesOf(ofModel)).toEqual(["find-the-policy"]);
    expect(ofModel.summary).toContain("Foundation models don't have resource-based policies.");
    const profile = `arn:aws:bedrock:us-east-1:444455556666:application-inference-profile/a1b2c3d4e5f6`;
    const ofProfile = await diagnosisOf(denial(reason, profile), { modelId: profile });
    expect(codesOf(ofProfile)).toEqual(["use-own-account-profile"]);
    const behindProfile = await diagnosisOf(denial(reason, MODEL_IN_OHIO), { modelId: profile });
    expect(codesOf(behindProfile)).toEqual(["use-own-account-profile"]);
  });

  it("no resource control policy", async () => {
    const reason = "because no resource control policy allows the bedrock:InvokeModel action";
    const diagnosis = await diagnosisOf(denial(reason));
    expect(diagnosis.summary).toContain("to find the Deny in the organization's resource control policies.");
    expect(diagnosis.summary).not.toContain("allow it at every level");
    expect(textOf(diagnosis)).toContain("An Allow can't be added");
    expect(diagnosis.remedies.every(({ policy }) => policy === undefined)).toBe(true);
  });
});

it("a prompt has no destination Regions", async () => {
  const { summary } = await diagnosisOf(denial(SCP), { modelId: PROMPT });
  expect(summary).toContain(`in us-east-2, in a call of ${PROMPT} (source Region us-east-1)`);
  expect(summary).not.toContain("destination Region of");
});

it("a prompt isn't called a model", async () => {
  for (const message of quotes) {
    const { summary } = await diagnosisOf(message, { modelId: PROMPT });
    for (const sentence of summary.split(". ")) expect(sentence.startsWith(PROMPT)).toBe(false);
  }
});

it("a prompt's unknown model is looked up with GetPrompt, also in remedies with statements", async () => {
  const message = denial(IDENTITY, `arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`);
  const diagnosis = await diagnosisOf(message, { modelId: PROMPT });
  const allow = diagnosis.remedies.find(({ code }) => code === "allow-in-policy");
  expect(allow?.steps.join(" ")).toContain("GetPrompt returns it.");
});
