import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../src/diagnosis.js";
import { DIAGNOSIS_EVENT, logDiagnosis, logFallback, logFields } from "../../src/telemetry/log.js";
import { diagnosisOfNothingBut } from "../explain/format/hostile.js";
import { hiddenIn } from "../hidden-characters.js";

const EMAIL = "jane.doe@example.com";
const diagnosis = {
  kind: "iam-denied",
  summary: `arn:aws:sts::111122223333:assumed-role/App/${EMAIL} is denied.`,
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
  it("omits session names, unless the application opts in", () => {
    expect(JSON.stringify(logFields(diagnosis, error, false))).not.toContain(EMAIL);
    expect(logFields(diagnosis, error, false).principal).toBe("arn:aws:sts::111122223333:assumed-role/App/[session]");
    expect(logFields(diagnosis, error, true).principal).toContain(EMAIL);
  });

  it("consists of the documented fields only", () => {
    expect(Object.keys(logFields(diagnosis, error, false)).sort()).toEqual(
      "action blockedRegions diagnosis err httpStatusCode modelId operation policyArn policyType principal requestId sourceRegion".split(
        " ",
      ),
    );
  });

  it("shows hidden characters as escapes in every field, and is never long", () => {
    const text = "a\u202e\u009b31m\u2028@octocat";
    for (const value of [text, text.repeat(100_000)]) {
      const { evidence, ...hostile } = diagnosisOfNothingBut(value);
      const refused = Object.assign(new Error(value), { name: value, $metadata: { requestId: value } });
      const line = JSON.stringify(logFields({ ...hostile, evidence: [] }, refused, true));
      expect(hiddenIn(line)).toEqual([]);
      expect(line).toContain("a\\\\u202e\\\\u009b31m\\\\u2028@octocat");
      expect(line.length).toBeLessThan(80_000);
    }
  });

  it("omits the session name in a fallback's line, and hidden characters too", async () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]) => void lines.push(line);
    const logger = { debug: write, info: write, error: write, warn: write };
    const report = {
      ...diagnosisOfNothingBut("a\u202e").fallback,
      why: diagnosis.summary,
      used: { modelId: "\u0085" },
    };
    await logFallback(report as never, diagnosis, { logger, logSessionNames: false });
    const line = JSON.stringify(lines);
    expect(line).not.toContain(EMAIL);
    expect(hiddenIn(line)).toEqual([]);
    expect(lines[0]?.[0]).toMatchObject({ used: { modelId: "\\u0085" }, requested: { modelId: "a\\u202e" } });
  });

  it("has all lines of a summary in one", async () => {
    const two = { ...diagnosis, summary: "It was denied.\nAsk someone." };
    expect(logFields(two, error, false).err).toMatchObject({ message: "It was denied. Ask someone." });
    const lines: unknown[] = [];
    const write = (...line: unknown[]) => void lines.push(...line);
    const logger = { debug: write, info: write, error: write, warn: write };
    const report = { ...diagnosisOfNothingBut("x").fallback, why: two.summary };
    await logFallback(report as never, two, { logger, logSessionNames: false });
    expect(lines[0]).toMatchObject({ why: "It was denied. Ask someone." });
  });

  it("is written for an error whose fields can't be read", () => {
    const { proxy, revoke } = Proxy.revocable(new Error("x"), {});
    revoke();
    expect(logFields(diagnosis, proxy, false)).toMatchObject({ operation: "Converse", requestId: undefined });
  });

  it("is written once, at level warn", async () => {
    const lines: unknown[][] = [];
    const refuse = () => expect.unreachable();
    const logger = { debug: refuse, info: refuse, error: refuse, warn: (...line: unknown[]) => void lines.push(line) };
    await logDiagnosis(diagnosis, error, { logger, logSessionNames: false });
    expect(lines).toEqual([[logFields(diagnosis, error, false), DIAGNOSIS_EVENT]]);
  });
});

describe("a logger", () => {
  const fields = logFields(diagnosis, error, false);
  const lineOf = async (logger: object, lines: unknown[][]) => {
    await logDiagnosis(diagnosis, error, { logger: logger as never, logSessionNames: false });
    expect(lines).toHaveLength(1);
    return lines[0];
  };

  it("of winston gets the message first, with its fields in every format", async () => {
    // As winston 3 does: warn(...args) is log("warn", ...args), whose first argument is the message and whose second is merged.
    const lines: Record<string, unknown>[] = [];
    const log = (level: string, message: unknown, meta: object) => void lines.push({ ...meta, level, message });
    const method = (level: string) => (message: unknown, meta: object) => log(level, message, meta);
    const winston = { log, debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
    for (const logger of [winston, Object.create(winston)]) {
      await logDiagnosis(diagnosis, error, { logger, logSessionNames: false });
      expect(lines.splice(0)).toEqual([{ ...fields, level: "warn", message: DIAGNOSIS_EVENT }]);
    }
  });

  it.each([
    ["console", { log() {} }],
    ["Powertools", { appendKeys() {} }],
  ])("like %s gets the message first", async (_, methods) => {
    const lines: unknown[][] = [];
    const warn = (...line: unknown[]) => void lines.push(line);
    expect(await lineOf({ ...methods, warn }, lines)).toEqual([DIAGNOSIS_EVENT, fields]);
  });

  it.each([
    ["another one", {}],
    ["pino with a level of the name", { log() {}, bindings() {} }],
  ])("like %s gets the fields first", async (_, methods) => {
    const lines: unknown[][] = [];
    const warn = (...line: unknown[]) => void lines.push(line);
    expect(await lineOf({ ...methods, warn }, lines)).toEqual([fields, DIAGNOSIS_EVENT]);
  });

  it("of pino writes one line with all fields, also as a child and with a level of the name log", async () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const logger = pino({ customLevels: { log: 35 } }, stream);
    for (const each of [pino({}, stream), logger, logger.child({ component: "x" })]) {
      await logDiagnosis(diagnosis, error, { logger: each, logSessionNames: false });
      const [line = "", ...more] = lines.splice(0);
      expect(more).toEqual([]);
      expect(JSON.parse(line)).toMatchObject({ msg: DIAGNOSIS_EVENT, modelId: diagnosis.modelId, level: 40 });
    }
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

  it("warns about an invalid level", async () => {
    expect((await run("loud")).stderr).toContain(
      'RESILIENT_BEDROCK_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent; it is "loud".',
    );
  });
});
