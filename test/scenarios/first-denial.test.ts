import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** One process. It's killed if it doesn't end by itself. */
function first(what: "span" | "exit" | "hang", env: Record<string, string> = {}): Promise<Ended> {
  const program = join(import.meta.dirname, "first-denial.ts");
  const settings = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent", ...env };
  const options = { env: settings, timeout: 20_000, killSignal: "SIGKILL" } as const;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--no-warnings", "--import", "tsx", program, what],
      options,
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

describe("the first denied call of a process", () => {
  it("records its event on a span that ends with the call", async () => {
    expect(JSON.parse((await first("span")).stdout)).toEqual(["resilient_bedrock.diagnosis"]);
  }, 30_000);

  it("writes its log line in a process that exits with the call", async () => {
    const { code, stderr } = await first("exit", { RESILIENT_BEDROCK_LOG_LEVEL: "warn" });
    expect(code).toBe(3);
    expect(JSON.parse(stderr)).toMatchObject({
      msg: "bedrock call denied",
      err: { type: "AccessDeniedException", name: "AccessDeniedException" },
      blockedRegions: ["us-west-2"],
    });
  }, 30_000);

  it("doesn't keep a process alive if a source never responds", async () => {
    expect((await first("hang")).code).toBe(0);
  }, 30_000);
});
