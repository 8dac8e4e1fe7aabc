import { describe, expect, it } from "vitest";
import { SimulatedBedrock, type SimulatedBedrockOptions } from "../../src/testing/simulated-bedrock.js";

const NOVA = "us.amazon.nova-pro-v1:0";

function converse(bedrock: SimulatedBedrock, text = "Hello", headers: Record<string, string> = {}, modelId = NOVA) {
  const url = `https://bedrock-runtime.us-east-1.amazonaws.com/model/${modelId}/converse`;
  const body = JSON.stringify({ messages: [{ role: "user", content: [{ text }] }] });
  return bedrock.handle(new Request(url, { method: "POST", headers, body }));
}

const textsOf = (bedrock: SimulatedBedrock) =>
  bedrock.requests.map(
    ({ body }) => (body as { messages: { content: { text: string }[] }[] }).messages[0]?.content[0]?.text,
  );

describe("the recorded requests", () => {
  it("are the most recent ones, with the number of dropped ones", async () => {
    const bedrock = new SimulatedBedrock({ maxRecordedRequests: 3 });
    const { requests } = bedrock;
    for (const text of ["1", "2", "3", "4", "5"]) await converse(bedrock, text);
    expect(textsOf(bedrock)).toEqual(["3", "4", "5"]);
    expect(bedrock.requests).toBe(requests);
    expect(bedrock.droppedRequests).toBe(2);
    bedrock.reset();
    expect([bedrock.requests.length, bedrock.droppedRequests]).toEqual([0, 0]);
  });

  it("are empty if the limit is 0", async () => {
    const bedrock = new SimulatedBedrock({ maxRecordedRequests: 0 });
    expect((await converse(bedrock)).status).toBe(200);
    expect(bedrock.requests).toEqual([]);
    expect(bedrock.droppedRequests).toBe(1);
  });

  it("are 10,000 by default", async () => {
    const bedrock = new SimulatedBedrock();
    // What no operation reads is recorded as well, and takes the least time.
    const unknown = (path: number) =>
      bedrock.handle(new Request(`https://bedrock-runtime.us-east-1.amazonaws.com/${path}`));
    for (let call = 0; call < 10_050; call += 1) await unknown(call);
    expect(bedrock.requests).toHaveLength(10_000);
    expect(bedrock.droppedRequests).toBe(50);
  }, 60_000);

  it("omit a body that is too long, and report that", async () => {
    const bedrock = new SimulatedBedrock({ maxRecordedBodyBytes: 100 });
    await converse(bedrock, "short");
    await converse(bedrock, "ü".repeat(40));
    expect(bedrock.requests[0]).not.toHaveProperty("omittedBodyBytes");
    expect(bedrock.requests[1]).toMatchObject({ body: undefined, omittedBodyBytes: 134 });
  });

  it("omit the oldest bodies if all bodies together are too long", async () => {
    const bedrock = new SimulatedBedrock({ maxRecordedBodyBytes: 2_500 });
    for (const text of ["a", "b", "c", "d"]) await converse(bedrock, text.repeat(1_000));
    expect(bedrock.requests.map(({ omittedBodyBytes }) => omittedBodyBytes)).toEqual([
      1_054,
      1_054,
      undefined,
      undefined,
    ]);
    expect(bedrock.requests.map(({ body }) => body === undefined)).toEqual([true, true, false, false]);
    bedrock.reset();
    for (const text of ["a", "b"]) await converse(bedrock, text.repeat(1_000));
    expect(bedrock.requests.every(({ body }) => body !== undefined)).toBe(true);
  });

  it("keep an image by default", async () => {
    const bedrock = new SimulatedBedrock();
    await converse(bedrock, "x".repeat(5_000_000));
    expect(textsOf(bedrock)[0]).toHaveLength(5_000_000);
  });

  it("don't shorten the answer, which uses the whole body", async () => {
    let seen = 0;
    const reply: SimulatedBedrockOptions["reply"] = ({ body }) => {
      seen = JSON.stringify(body).length;
      return "ok";
    };
    const bedrock = new SimulatedBedrock({ maxRecordedBodyBytes: 0, reply });
    expect((await converse(bedrock, "x".repeat(1_000))).status).toBe(200);
    expect(seen).toBeGreaterThan(1_000);
  });

  it("shorten IDs and headers that are too long", async () => {
    const bedrock = new SimulatedBedrock();
    await converse(bedrock, "Hello", { "x-long": "x".repeat(100_000) }, "m".repeat(10_000));
    expect(bedrock.requests[0]?.headers["x-long"]).toHaveLength(8_192);
    expect(bedrock.requests[0]?.modelId).toHaveLength(2_048);
  });

  it.each<[object, string]>([
    [{ maxRecordedRequests: -1 }, "maxRecordedRequests must be a whole number, 0 or more; it is -1."],
    [{ maxRecordedBodyBytes: 1.5 }, "maxRecordedBodyBytes must be a whole number, 0 or more; it is 1.5."],
    [{ maxRecordedRequests: "5" }, 'maxRecordedRequests must be a whole number, 0 or more; it is "5".'],
  ])("reject the limit %j", (options, message) => {
    expect(() => new SimulatedBedrock(options as SimulatedBedrockOptions)).toThrow(message);
  });
});

describe("what a test scripts", () => {
  it("applies as often as requested, in order, and leaves other scripts in place", async () => {
    const bedrock = new SimulatedBedrock();
    bedrock.deny({ kind: "use-case-form", times: 2 });
    const lift = bedrock.deny({ kind: "marketplace-pending" });
    bedrock.fault({ name: "throttling", times: 1 });
    const statuses = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await converse(bedrock)).status);
    lift();
    statuses.push((await converse(bedrock)).status);
    expect(statuses).toEqual([429, 404, 404, 403, 200]);
  });
});
