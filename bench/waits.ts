import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { built, CONFIG, stub } from "./built.js";
import { paired, type Row, timed } from "./paired.js";

const MODEL = "us.amazon.nova-pro-v1:0";
const command = () => new sdk.ConverseCommand({ modelId: MODEL, messages: [] });

/** Answers every request immediately, except the first one, which it never answers. */
function hangingOnce() {
  let requests = 0;
  return stub(() => {
    requests += 1;
    return requests === 1 ? new Promise(() => {}) : { statusCode: 200, body: '{"stopReason":"end_turn"}' };
  });
}

/** Answered calls while the first one through the profile hangs, with fallback on, compared with the plain SDK. */
export async function answeredBehindAHangingCall(): Promise<Row> {
  const perRound = 200;
  const clients = [
    new built.BedrockRuntimeClient({
      ...CONFIG,
      requestHandler: hangingOnce(),
      resilience: { fallback: { to: "single-region" } },
    }),
    new sdk.BedrockRuntimeClient({ ...CONFIG, requestHandler: hangingOnce() }),
  ] as const;
  for (const client of clients) {
    void client.send(command()).catch(() => {});
    // The calls that wait for the first one wait only once, which isn't part of any round.
    await client.send(command());
  }
  const sends = (client: sdk.BedrockRuntimeClient) => () =>
    timed(async () => {
      for (let call = 0; call < perRound; call++) await client.send(command());
    });
  const [ours, theirs] = [sends(clients[0]), sends(clients[1])];
  await paired(6, ours, theirs);
  const result = await paired(60, ours, theirs);
  const micros = (ms: number) => (ms * 1_000) / perRound;
  return {
    what: "an answered call while the first one hangs, fallback on",
    unit: "µs",
    ours: micros(result.ours),
    theirs: micros(result.theirs),
    ratio: result.ratio,
    reach: "≤ 1.05 ×",
    reached: result.ratio <= 1.05,
  };
}
