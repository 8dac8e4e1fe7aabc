import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("every call settles once, no rejection is unhandled, and nothing keeps the process alive", async () => {
  const program = join(import.meta.dirname, "many-forms.ts");
  const env = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" };
  // If the process doesn't end by itself, it's killed, and the test fails.
  const options = { env, timeout: 25_000, killSignal: "SIGKILL" } as const;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--no-warnings", "--import", "tsx", program],
    options,
  );
  expect(JSON.parse(stdout)).toEqual({ calls: 300, once: 300, unhandled: 0 });
}, 30_000);
