import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/diagnosis.js";
import { FIXED_SENTENCES, SENTENCE_CODES, type SentenceCode } from "../../src/refusal/sentences.js";
import { CLAUDE, diagnosisOf, NOVA } from "./conclusions.js";

const FINDINGS = readFileSync(join(import.meta.dirname, "../../docs/findings.md"), "utf8");

/** AWS's sentence, as the documentation quotes it. */
function quoteOf(code: SentenceCode): string {
  const [, section = ""] = FINDINGS.split(`### \`${code}\`\n`);
  return /^> (.+)$/m.exec(section)?.[1] ?? "";
}

/** The remedies of each sentence, in order, and what only its summary contains; null if it equals the kind's. */
const ROWS: Record<SentenceCode, [remedies: string[], own: RegExp | null]> = {
  "payment-instrument-invalid": [["add-payment-instrument", "submit-use-case-form", "use-another-model"], null],
  "subscription-failed": [["call-again", "submit-use-case-form", "use-another-model"], /because of an internal error/],
  "subscription-pending": [["wait-for-subscription", "submit-use-case-form", "use-another-model"], null],
  "marketplace-actions-missing": [["subscribe-once", "submit-use-case-form", "use-another-model"], null],
  "subscription-not-completed": [
    ["subscribe-once", "submit-use-case-form", "use-another-model"],
    /couldn't be completed\.\n.* call again after 2 to 15 minutes\.$/,
  ],
  "use-case-form-missing": [["submit-use-case-form"], null],
  "model-legacy": [["use-another-model"], /Legacy model that this account hasn't used in the last 30 days/],
  "model-end-of-life": [["use-another-model"], /has reached its end of life/],
  "on-demand-not-supported": [["call-through-profile"], null],
  "model-id-invalid": [["correct-model-id"], null],
  "model-not-resolved": [["correct-model-id"], /couldn't find a foundation model/],
  "model-not-found": [["correct-model-id"], /couldn't find/],
  "channel-program-account": [["ask-reseller", "use-another-model"], null],
  "country-not-supported": [["use-another-model"], null],
  "anthropic-not-allowed": [["use-another-model", "open-account-case"], /doesn't contain the reason/],
  "bedrock-not-allowed": [
    ["open-account-case"],
    /\(Error 002\)\.\n.* of type Account and billing\. No change of a policy, form, or quota helps\.$/,
  ],
  "model-not-available": [["use-another-model", "contact-aws-sales"], /AWS Sales/],
  "prompt-operation-not-authorized": [
    ["check-prompt-permissions", "contact-support"],
    /also reported for missing permissions in a destination Region/,
  ],
  "operation-not-authorized": [["contact-support"], /doesn't authorize this account to call Converse/],
  "account-in-verification": [["wait-for-verification", "open-account-case"], /still verifying this account/],
  "operation-not-allowed": [["contact-support"], /doesn't allow this account to call/],
  "data-retention-mode": [["set-data-retention"], null],
  "model-access-missing": [["enable-model-access"], /^Access to the model ID \S+ was denied in us-east-1\./],
  "agreement-missing": [["accept-model-agreement"], /doesn't have an agreement/],
  "bearer-token-expired": [["replace-api-key"], /API key has expired/],
  "security-token-expired": [["refresh-credentials"], /session token of the credentials has expired/],
  "api-key-expired": [["replace-api-key"], /API key has expired/],
  "security-token-invalid": [["fix-credentials"], /access key or session token/],
  "api-key-invalid": [["replace-api-key"], /rejected the Bedrock API key/],
  "api-key-format": [["replace-api-key"], /doesn't have the format/],
  "bearer-token-invalid": [["replace-api-key"], /rejected the bearer token/],
  "signature-mismatch": [["fix-credentials"], /secret access key/],
  "signature-expired": [["synchronize-clock"], /clock/],
  "access-not-allowed": [["look-in-cloudtrail"], /This release doesn't recognize the message/],
};

describe("every sentence of AWS", () => {
  it.each(SENTENCE_CODES)("%s has its own remedies with steps, and a summary", async (code) => {
    const [remedies, own] = ROWS[code];
    const diagnosis = await diagnosisOf(quoteOf(code));
    expect(diagnosis.refusal).toMatchObject({ sentence: code, kind: FIXED_SENTENCES[code].kind });
    expect(diagnosis.remedies.map((remedy) => remedy.code)).toEqual(remedies);
    for (const { title, steps, links, who } of diagnosis.remedies) {
      expect(title).not.toMatch(/undefined|\n/);
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) expect(step).toMatch(/^\S.*[.:]$/);
      expect(links.length).toBeGreaterThan(0);
      expect(who).not.toBe("organization-administrator");
    }
    const lines = diagnosis.summary.split("\n");
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/^\S.*\.$/);
    expect(diagnosis.summary).not.toMatch(/undefined/);
    const { summary } = await diagnosisOf("", { kindOnly: FIXED_SENTENCES[code].kind });
    if (own === null) expect(diagnosis.summary).toBe(summary);
    else {
      expect(diagnosis.summary).toMatch(own);
      expect(diagnosis.summary).not.toBe(summary);
    }
  });

  it("no two sentences with different content have the same remedies and summary", async () => {
    const summaries = await Promise.all(SENTENCE_CODES.map(async (code) => (await diagnosisOf(quoteOf(code))).summary));
    expect(new Set(summaries).size).toBe(SENTENCE_CODES.length);
  });
});

describe("an unknown sentence", () => {
  const MESSAGE = "Access for this workload has been paused by the provider.";
  const quoted = `This release doesn't recognize the message "${MESSAGE}".`;

  it("is quoted, and reported as unknown", async () => {
    expect((await diagnosisOf(MESSAGE)).summary).toContain(quoted);
  });

  it("is quoted if only the error's name shows the kind", async () => {
    const diagnosis = await diagnosisOf(MESSAGE, { errorName: "UnrecognizedClientException" });
    expect(diagnosis.kind).toBe("bad-credentials");
    expect(diagnosis.summary).toContain(quoted);
  });

  it("is quoted in printable characters, and within bounds", async () => {
    const { summary } = await diagnosisOf(`Paused \u202e by\n${"x".repeat(100_000)} the provider`);
    expect(summary).toContain("Paused \\u202e by\\nxxx");
    expect(summary).toContain("the provider");
    expect(summary.length).toBeLessThan(800);
  });

  it("isn't quoted if it's empty", async () => {
    const { summary } = await diagnosisOf("");
    expect(summary).toContain("The error doesn't contain a message.");
    expect(summary).not.toContain("doesn't recognize");
  });

  it.each([
    ["a name and a request ID", { errorName: "AccessDeniedException", requestId: "0b1c2d3e-0000" }, false],
    ["a name", { errorName: "AccessDeniedException", requestId: "" }, false],
    ["a request ID", { errorName: "UnknownError", requestId: "0b1c2d3e-0000" }, false],
    ["neither", { errorName: "UnknownError", requestId: "" }, true],
    ["a name that the SDK gives to what it can't read", { errorName: "SyntaxError", requestId: "" }, true],
  ])("may be a proxy's only without a request ID and an AWS error name: %s", async (_, parts, isProxy) => {
    const diagnosis = await diagnosisOf(MESSAGE, parts);
    expect(diagnosis.kind).toBe("unknown");
    const text = JSON.stringify([diagnosis.summary, diagnosis.remedies]);
    expect(/proxy|proxies|gateway/.test(diagnosis.summary)).toBe(isProxy);
    expect(/proxy|proxies|gateway/.test(text)).toBe(isProxy);
  });
});

describe("remedies that have worked for people", () => {
  const step = ({ remedies }: Awaited<ReturnType<typeof diagnosisOf>>, code: string) =>
    remedies.find((remedy) => remedy.code === code)?.steps.join(" ") ?? "";

  it("another model, with the reason", async () => {
    const channel = await diagnosisOf(quoteOf("channel-program-account"));
    expect(step(channel, "use-another-model")).toContain("isn't available to accounts in the channel program");
    const marketplace = await diagnosisOf(quoteOf("marketplace-actions-missing"));
    expect(step(marketplace, "use-another-model")).toContain("isn't sold through AWS Marketplace");
  });

  it("the use case form only for Anthropic models, and not if it was submitted", async () => {
    const codes = async (denied: Parameters<typeof diagnosisOf>[1]) =>
      (await diagnosisOf(quoteOf("marketplace-actions-missing"), denied)).remedies.map(({ code }) => code);
    expect(await codes({ modelId: CLAUDE })).toContain("submit-use-case-form");
    expect(await codes({ modelId: "us.meta.llama3-3-70b-instruct-v1:0" })).not.toContain("submit-use-case-form");
    expect(await codes({ findings: [{ code: "use-case-form", isFilled: true }] })).not.toContain(
      "submit-use-case-form",
    );
  });

  it.each([
    ["AWS_REGION", "us-east-1 (from the environment variable AWS_REGION)"],
    ["client", "us-east-1 (from the region setting of the client)"],
    [undefined, "us-east-1."],
  ] as const)("the client's Region first, and the setting that it comes from: %s", async (regionFrom, words) => {
    const diagnosis = await diagnosisOf(quoteOf("model-access-missing"), { regionFrom });
    expect(diagnosis.summary).toContain(` was denied in ${words}`);
    expect(diagnosis.remedies[0]?.steps[0]?.startsWith(`The client calls ${words}`)).toBe(true);
  });

  it.each([
    ["us-east-1", "partition aws", "aws-us-gov and aws-cn"],
    ["us-gov-west-1", "partition aws-us-gov", "aws and aws-cn"],
    ["cn-north-1", "partition aws-cn", "aws and aws-us-gov"],
  ])("the endpoint of rejected credentials: %s", async (sourceRegion, own, others) => {
    const codes = SENTENCE_CODES.filter((code) => /(bad|expired)-credentials/.test(FIXED_SENTENCES[code].kind));
    expect(codes.length).toBeGreaterThan(8);
    for (const code of codes) {
      const { summary, remedies } = await diagnosisOf(quoteOf(code), { sourceRegion });
      expect(summary).toContain(`${sourceRegion}, ${own}`);
      expect(remedies[0]?.steps.join(" ")).toContain(`such as ${others}, don't work there`);
    }
    const key = await diagnosisOf(quoteOf("api-key-invalid"), { sourceRegion });
    expect(step(key, "replace-api-key")).toContain("only in the Region in which it was generated");
  });

  const available: Finding = {
    code: "model-access",
    modelId: CLAUDE,
    agreement: "AVAILABLE",
    authorization: "AUTHORIZED",
    entitlement: "AVAILABLE",
    region: "AVAILABLE",
  };

  it("a contradiction instead of missing access, if the service reports access", async () => {
    for (const code of ["model-access-missing", "agreement-missing"] as const) {
      const contradicted = await diagnosisOf(quoteOf(code), { findings: [available] });
      expect(contradicted.summary).toContain(
        "However, GetFoundationModelAvailability reports that the account has access (agreement AVAILABLE, authorization AUTHORIZED, entitlement AVAILABLE, Region AVAILABLE)",
      );
      expect(contradicted.confidence).toBe("possible");
      expect(contradicted.remedies.every(({ confidence }) => confidence === "possible")).toBe(true);
      expect(contradicted.remedies.map((remedy) => remedy.code)).toContain("contact-support");
      const missing = await diagnosisOf(quoteOf(code), { findings: [{ ...available, agreement: "NOT_AVAILABLE" }] });
      expect(missing.summary).not.toContain("However");
      expect(missing.confidence).toBe("certain");
    }
  });

  it("a prompt's denial is never certain", async () => {
    const diagnosis = await diagnosisOf(quoteOf("prompt-operation-not-authorized"));
    expect(diagnosis).toMatchObject({ kind: "account-not-authorized", confidence: "possible" });
    expect(diagnosis.remedies.every(({ confidence }) => confidence === "possible")).toBe(true);
  });

  it("data retention is the administrator's setting, never a support case", async () => {
    const { summary, remedies } = await diagnosisOf(quoteOf("data-retention-mode"), { modelId: `us.${NOVA}` });
    const text = `${summary} ${JSON.stringify(remedies)}`;
    expect(text).not.toMatch(/AWS Support|support case/i);
    expect(text).toContain("PutAccountDataRetention in us-east-1");
    expect(text).toContain("whole account in that Region");
  });

  it("no remedy takes a quota of 0 for a denial", async () => {
    for (const code of SENTENCE_CODES) {
      const { summary, remedies } = await diagnosisOf(quoteOf(code));
      expect(`${summary} ${JSON.stringify(remedies)}`).not.toMatch(/quota of 0/);
    }
  });
});

describe("the wording of summaries and remedies", () => {
  const REASONS = [
    "with an explicit deny in a service control policy",
    "because no service control policy allows the bedrock:InvokeModel action",
    "because no identity-based policy allows the bedrock:InvokeModel action",
    "with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
    "because no resource-based policy allows the bedrock:InvokeModel action",
    "",
  ];
  const RESOURCES = [
    `arn:aws:bedrock:us-west-2::foundation-model/${CLAUDE}`,
    `arn:aws:bedrock:us-east-1::foundation-model/${CLAUDE}`,
    `arn:aws:bedrock:::foundation-model/${CLAUDE}`,
    `arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.${CLAUDE}`,
  ];
  const denials = RESOURCES.flatMap((resource) =>
    REASONS.map(
      (reason) =>
        `User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: bedrock:InvokeModel on resource: ${resource} ${reason}`,
    ),
  );

  it.each([...SENTENCE_CODES.map(quoteOf), ...denials])("are AWS's: %s", async (message) => {
    const { summary, remedies } = await diagnosisOf(message);
    for (const text of [summary, ...remedies.flatMap(({ title, steps }) => [title, ...steps])]) {
      expect(text).not.toMatch(/\b(mend\w*|refus\w*|nobody|besides|at hand|hardly|tells?|says? that|is no [a-z])\b/);
      expect(text).not.toContain(";");
      expect(text).not.toMatch(/undefined|null/);
    }
  });
});
