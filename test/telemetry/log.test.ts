import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../src/explain/diagnosis.js";
import { DIAGNOSIS_EVENT, logDiagnosis, logFields } from "../../src/telemetry/log.js";

const EMAIL = "jane.doe@example.com";
const diagnosis = {
  kind: "iam-denied",
  summary: `arn:aws:sts::111122223333:assumed-role/App/${EMAIL} is refused.`,
  operation: "Converse",
  action: "bedrock:InvokeModel",
  modelId: "us.amazon.nova-pro-v1:0",
  sourceRegion: "us-east-1",
  blockedRegions: ["us-west-2"],
  principal: { arn: `arn:aws:sts::111122223333:assumed-role/App/${EMAIL}`, type: "assumed-role" },
  refusal: { raw: `assumed-role/App/${EMAIL}`, kind: "iam-denied" },
  confidence: "certain",
  complete: true,
} as unknown as Diagnosis;
const error = Object.assign(new Error("secret"), {
  name: "AccessDeniedException",
  $metadata: { requestId: "r-1", httpStatusCode: 403 },
});

describe("a log line", () => {
  it("leaves session names out, unless asked for", () => {
    expect(JSON.stringify(logFields(diagnosis, error, false))).not.toContain(EMAIL);
    expect(logFields(diagnosis, error, false).principal).toBe("arn:aws:sts::111122223333:assumed-role/App/[session]");
    expect(logFields(diagnosis, error, true).principal).toContain(EMAIL);
  });

  it("is made of the named fields and nothing else", () => {
    expect(Object.keys(logFields(diagnosis, error, false)).sort()).toEqual(
      "action blockedRegions diagnosis err httpStatusCode modelId operation policyArn policyType principal requestId sourceRegion".split(
        " ",
      ),
    );
  });

  it("is written once, at level warn", async () => {
    const lines: unknown[][] = [];
    const refuse = () => expect.unreachable();
    const logger = { debug: refuse, info: refuse, error: refuse, warn: (...line: unknown[]) => void lines.push(line) };
    await logDiagnosis(diagnosis, error, { logger, logSessionNames: false });
    expect(lines).toEqual([[logFields(diagnosis, error, false), DIAGNOSIS_EVENT]]);
  });
});

describe("RESILIENT_BEDROCK_LOG_LEVEL", () => {
  const program = `
    import { logDiagnosis } from ${JSON.stringify(new URL("../../src/telemetry/log.ts", import.meta.url).href)};
    await logDiagnosis(${JSON.stringify(diagnosis)}, new Error("secret"), { logger: undefined, logSessionNames: false });`;
  const run = (level: string | undefined) =>
    promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      env: { PATH: process.env.PATH, ...(level === undefined ? {} : { RESILIENT_BEDROCK_LOG_LEVEL: level }) },
    });

  it("writes a line of JSON to stderr", async () => {
    const { stdout, stderr } = await run("warn");
    expect(stdout).toBe("");
    expect(JSON.parse(stderr)).toMatchObject({
      name: "resilient-bedrock",
      level: 40,
      msg: DIAGNOSIS_EVENT,
      blockedRegions: ["us-west-2"],
    });
    expect(stderr).not.toContain(EMAIL);
  });

  it.each([undefined, "", "error", "silent"])("is silent at %j", async (level) => {
    expect(await run(level)).toEqual({ stdout: "", stderr: "" });
  });

  it("warns of a level that there is not", async () => {
    expect((await run("loud")).stderr).toContain(
      'RESILIENT_BEDROCK_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; it is "loud".',
    );
  });
});
