// npm run bench            a table
// npm run bench -- --json  the same as JSON

import { cachedProfiles, diagnosisLatency, memoryAfterRefusals, refusedAtOnce } from "./denials.js";
import type { Row } from "./paired.js";
import { longestBlocks } from "./policies.js";
import {
  evaluating,
  importing,
  importingOffline,
  mainEntry,
  parsing,
  parsingGrows,
  stars,
  successfulSend,
} from "./rows.js";
import { answeredBehindAHangingCall } from "./waits.js";

process.removeAllListeners("warning");
// The loader that runs this file turns on source maps, which make every stack several times slower than for users.
process.setSourceMapsEnabled(false);
const rows: Row[] = [];
for (const row of [
  () => successfulSend(false),
  () => successfulSend(true),
  answeredBehindAHangingCall,
  () => refusedAtOnce(1, 60),
  () => refusedAtOnce(100, 20),
  () => refusedAtOnce(10_000, 5),
  () => refusedAtOnce(100_000, 1),
  () => refusedAtOnce(10_000, 5, 50),
  diagnosisLatency,
  () => memoryAfterRefusals(1_000),
  () => memoryAfterRefusals(10_000),
  () => memoryAfterRefusals(100_000),
  () => cachedProfiles(1),
  () => cachedProfiles(100),
  () => cachedProfiles(1_000),
  () => cachedProfiles(10_000),
  () => importing("ESM"),
  () => importing("CommonJS"),
  importingOffline,
  mainEntry,
  parsing,
  parsingGrows,
  evaluating,
  longestBlocks,
  stars,
]) {
  rows.push(...[await row()].flat());
}

const rounded = (value: number | undefined, digits = 2) => (value === undefined ? "" : value.toFixed(digits));
if (process.argv.includes("--json")) {
  console.log(
    JSON.stringify({ node: process.version, platform: `${process.platform} ${process.arch}`, rows }, null, 2),
  );
} else {
  console.log(`Node ${process.version}; medians, paired with the plain SDK in one run\n`);
  console.table(
    Object.fromEntries(
      rows.map(({ what, unit, ours, theirs, ratio, reach, reached }) => [
        what,
        {
          unit,
          ours: rounded(ours),
          SDK: rounded(theirs),
          ratio: rounded(ratio, 3),
          reach,
          reached: reached ? "yes" : "no",
        },
      ]),
    ),
  );
}
