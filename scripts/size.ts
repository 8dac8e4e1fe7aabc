import { namesFrom, PACKAGES, sizeAtStart } from "./bundle-size.js";

// Fails if an application that uses an entry point gets a larger bundle than intended. Needs a build. If a limit is
// exceeded, look for a static import of something that is needed only later, or for a value that was added to index.ts.

const CLIENT = ["BedrockRuntimeClient", "ConverseCommand"];

interface Limit {
  what: string;
  /** In kB, minified and compressed with gzip. */
  limit: number;
  bytes: () => Promise<number>;
}

const offline = (limit: number, name: string): Limit => ({
  what: `offline: ${name}`,
  limit,
  bytes: () => sizeAtStart(namesFrom("offline", name), { platform: "browser" }),
});

const LIMITS: readonly Limit[] = [
  {
    what: "the client, the SDK external",
    limit: 12,
    bytes: () => sizeAtStart(namesFrom("index", ...CLIENT), { platform: "node", external: PACKAGES }),
  },
  { what: "the client, in addition to the bundled SDK", limit: 12, bytes: () => sizeBesideSdk("node") },
  { what: "the same, from the SDK's ES modules", limit: 12, bytes: () => sizeBesideSdk("browser") },
  offline(1.5, "parseModelId"),
  offline(2.5, "authorizationLegs"),
  offline(3, "serializeDiagnosedError"),
  offline(6, "inferenceProfile"),
  offline(10, "formatDiagnosis"),
  offline(10, "policySet"),
  offline(10, "parseRefusal"),
  offline(17, "evaluateAccess"),
  offline(27, "lintPolicy"),
  offline(80, "explainRefusal"),
  {
    what: "offline: everything but the catalog",
    limit: 98,
    bytes: () => sizeAtStart('export * from "./offline.mjs";', { platform: "browser", external: ["./catalog-*"] }),
  },
];

/**
 * How much larger a bundle that contains the SDK's runtime client gets if the client is imported from here. With the
 * other clients in the bundle, esbuild would move what they have in common with it into the file that a start reads.
 */
async function sizeBesideSdk(platform: "node" | "browser"): Promise<number> {
  const loadedLater = PACKAGES.filter((name) => !/^@(aws-sdk|smithy)/.test(name));
  const clients = ["bedrock", "iam", "organizations", "sts"].map((name) => `@aws-sdk/client-${name}`);
  const external = [...loadedLater, ...clients, "node:*"];
  const sizeOf = (program: string) => sizeAtStart(program, { platform, external, logLevel: "error" });
  const sdk = `export { ${CLIENT.join(", ")} } from "@aws-sdk/client-bedrock-runtime";`;
  return (await sizeOf(namesFrom("index", ...CLIENT))) - (await sizeOf(sdk));
}

const rows = await Promise.all(
  LIMITS.map(async ({ what, limit, bytes }) => ({ what, limit, kB: (await bytes()) / 1e3 })),
);
for (const { what, limit, kB } of rows) {
  console.log(`${kB.toFixed(1).padStart(5)} of ${limit.toFixed(1).padStart(4)} kB  ${kB <= limit ? " " : "✗"} ${what}`);
}
const exceeded = rows.filter(({ limit, kB }) => kB > limit);
if (exceeded.length > 0) {
  console.error(`\nLarger than its limit in scripts/size.ts: ${exceeded.map(({ what }) => what).join("; ")}.`);
  process.exitCode = 1;
}
