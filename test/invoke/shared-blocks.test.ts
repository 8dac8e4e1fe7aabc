import { describe, expect, it, vi } from "vitest";
import { SharedBlocks } from "../../src/invoke/shared-blocks.js";
import { type ParsedRefusal, parseRefusal } from "../../src/refusal/parse.js";
import { SharedStore } from "../../src/resolve/shared-store.js";

const MINUTE = 60_000;
const CALL = { action: "bedrock:InvokeModel", modelId: "us.amazon.nova-pro-v1:0", region: "us-east-1" };
const session = (name: string, role = "App", account = "111122223333") =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`;

function refusalOf(principal: string, reason = "with an explicit deny in a service control policy"): ParsedRefusal {
  const refusal = parseRefusal({
    name: "AccessDeniedException",
    message: `User: ${principal} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 ${reason}`,
    $metadata: { httpStatusCode: 403 },
  });
  if (!refusal) throw new Error("no refusal");
  return refusal;
}

function shared() {
  const clock = { now: 1_000_000 };
  const map = new Map<string, string>();
  const blocksOf = (rememberMs = 5 * MINUTE) => new SharedBlocks(new SharedStore(map, () => clock.now), rememberMs);
  return { clock, map, blocksOf };
}

describe("refused profiles, told to other processes", () => {
  it("are known to every session of the role, in AWS's own words, for as long as the reader remembers", async () => {
    const { clock, blocksOf } = shared();
    const refusal = refusalOf(session("one"));
    blocksOf().tell(CALL, refusal);
    const recall = () => blocksOf().recall(CALL, async () => session("two"));
    expect(await recall()).toEqual({ refusal, until: clock.now + 5 * MINUTE });
    clock.now += MINUTE;
    expect(await blocksOf(MINUTE).recall(CALL, async () => session("two"))).toBeUndefined();
    clock.now += 4 * MINUTE;
    expect(await recall()).toBeUndefined();
  });

  it.each<[string, string]>([
    ["another role", session("one", "Other")],
    ["another account", session("one", "App", "444455556666")],
    ["a user of that name", "arn:aws:iam::111122223333:user/App"],
    ["nobody that is known", "arn:aws:sts::***:assumed-role/App/one"],
  ])("are nothing to %s", async (_, caller) => {
    const { blocksOf } = shared();
    blocksOf().tell(CALL, refusalOf(session("one")));
    expect(await blocksOf().recall(CALL, async () => caller)).toBeUndefined();
  });

  it("nor to another action, Region or profile", async () => {
    const { blocksOf } = shared();
    blocksOf().tell(CALL, refusalOf(session("one")));
    const others = [{ region: "us-east-2" }, { action: "bedrock:InvokeModelWithResponseStream" }, { modelId: "us.x" }];
    for (const other of others) {
      expect(await blocksOf().recall({ ...CALL, ...other }, async () => session("one"))).toBeUndefined();
    }
  });

  it("are not told where a session's own policy decided, or the message hides who called", () => {
    const { map, blocksOf } = shared();
    blocksOf().tell(CALL, refusalOf(session("one"), "because no session policy allows the bedrock:InvokeModel action"));
    blocksOf().tell(CALL, refusalOf("***"));
    expect(map.size).toBe(0);
  });

  it("are lifted for all", async () => {
    const { blocksOf } = shared();
    blocksOf().tell(CALL, refusalOf(session("one")));
    blocksOf().lift(CALL, refusalOf(session("two")));
    expect(await blocksOf().recall(CALL, async () => session("one"))).toBeUndefined();
  });

  it("cost nobody the question who calls, as long as nobody was refused", async () => {
    const { blocksOf } = shared();
    const callerArn = vi.fn(async () => session("one"));
    await blocksOf().recall(CALL, callerArn);
    expect(callerArn).not.toHaveBeenCalled();
  });

  it("are not used where nobody can tell who calls", async () => {
    const { blocksOf } = shared();
    blocksOf().tell(CALL, refusalOf(session("one")));
    expect(await blocksOf().recall(CALL, () => Promise.reject(new Error("no STS")))).toBeUndefined();
  });

  it.each(["{}", "7", '{"raw":"Rate exceeded","errorName":"ThrottlingException"}'])(
    "are not read out of %s",
    async (stored) => {
      const { clock, map, blocksOf } = shared();
      blocksOf().tell(CALL, refusalOf(session("one")));
      for (const key of map.keys()) {
        if (key.endsWith("App")) map.set(key, `{"at":${clock.now},"value":${stored}}`);
      }
      expect(await blocksOf().recall(CALL, async () => session("one"))).toBeUndefined();
    },
  );
});
