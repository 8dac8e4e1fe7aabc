import { expect, it, vi } from "vitest";
import { retried } from "../../src/invoke/retry.js";

vi.mock("p-retry", () => {
  throw new Error("EMFILE: too many open files");
});

it("throws the call's own error if the package for the outer retry can't be loaded", async () => {
  const error = Object.assign(new Error("The model timed out."), { name: "ModelTimeoutException" });
  const rules = { expiredCredentials: true, modelTimeout: 2, modelError: 0, propagation: 0, timeoutMs: 60_000 };
  const context = { rules, sourceRegion: "us-east-1", signal: undefined, refresh: async () => false };
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    return Promise.reject(error);
  };
  await expect(retried(attempt, context)).rejects.toBe(error);
  expect(attempts).toBe(1);
});
