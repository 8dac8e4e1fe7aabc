import { describe, expect, it, vi } from "vitest";
import { IdentityReader } from "../../src/aws/identity.js";
import type { SimulationRequest } from "../../src/diagnose/sources/simulated.js";
import { DeadlineError } from "../../src/resolve/waiting.js";

const ROLE = "arn:aws:iam::111122223333:role/AppRole";
const never = new AbortController().signal;
const request = (resources: string[]): SimulationRequest => ({
  policySourceArn: ROLE,
  action: "bedrock:InvokeModel",
  region: "us-east-1",
  resources,
  context: new Map(),
});
const result = (resources: string[], decision = "allowed") => ({
  EvalActionName: "bedrock:InvokeModel",
  ResourceSpecificResults: resources.map((name) => ({ EvalResourceName: name, EvalResourceDecision: decision })),
});

function readerWith(answer: (input: { Marker?: string; ResourceArns: string[] }) => unknown) {
  const send = vi.fn(async (command: { input: { Marker?: string; ResourceArns: string[] } }) => answer(command.input));
  const options = { client: { send } as never, credentials: undefined, requestsPerSecond: 50 };
  return { send, reader: new IdentityReader({} as never, options, undefined) };
}

describe("the policy simulator's pages", () => {
  it("are read to the last one", async () => {
    const { send, reader } = readerWith(({ Marker }) =>
      Marker === "2"
        ? { EvaluationResults: [result(["b"], "implicitDeny")], IsTruncated: false }
        : { EvaluationResults: [result(["a"])], IsTruncated: true, Marker: "2" },
    );
    const decisions = await reader.simulate(request(["a", "b"]), never);
    expect(decisions.map(({ decision }) => decision)).toEqual(["allowed", "implicitDeny"]);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it.each<[string, object]>([
    ["the same marker again", { EvaluationResults: [result(["a"])], IsTruncated: true, Marker: "2" }],
    ["no marker where there is more", { EvaluationResults: [result(["a"])], IsTruncated: true }],
    ["another action", { EvaluationResults: [{ ...result(["a"]), EvalActionName: "s3:GetObject" }] }],
    ["another resource", { EvaluationResults: [result(["b"])] }],
    ["two decisions on one resource", { EvaluationResults: [result(["a"]), result(["a"], "explicitDeny")] }],
  ])("are an invalid response with %s", async (_, output) => {
    const { send, reader } = readerWith(() => output);
    await expect(reader.simulate(request(["a"]), never)).rejects.toMatchObject({ name: "MalformedAnswer" });
    expect(send.mock.calls.length).toBeLessThan(4);
  });
});

describe("the queue to the policy simulator", () => {
  it("continues after a request that never ends, when no caller waits for it", async () => {
    const { send, reader } = readerWith(({ ResourceArns }) =>
      ResourceArns[0] === "hangs" ? new Promise(() => {}) : { EvaluationResults: [result(ResourceArns)] },
    );
    const gone = new AbortController();
    const hanging = reader.simulate(request(["hangs"]), gone.signal).catch(() => "left");
    await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(1));
    gone.abort();
    expect(await hanging).toBe("left");
    expect(await reader.simulate(request(["a"]), never)).toHaveLength(1);
  });

  it("drops a request whose caller's time is over, and doesn't count that wait as a failure of IAM", async () => {
    let free = (_: unknown) => {};
    const { send, reader } = readerWith(({ ResourceArns }) =>
      ResourceArns[0] === "slow"
        ? new Promise((resolve) => {
            free = resolve;
          })
        : { EvaluationResults: [result(ResourceArns)] },
    );
    const slow = reader.simulate(request(["slow"]), never);
    await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(1));
    const late = new AbortController();
    const queued = reader.simulate(request(["a"]), late.signal).catch(() => "left");
    await new Promise(setImmediate);
    late.abort(new DeadlineError());
    expect(await queued).toBe("left");
    free({ EvaluationResults: [result(["slow"])] });
    await slow;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(send).toHaveBeenCalledTimes(1);
    expect(await reader.simulate(request(["a"]), never)).toHaveLength(1);
  });
});
