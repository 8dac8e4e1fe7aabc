// The house rules of docs/architecture.md, checked by `npm run lint`: who may import whom, and no circles.
const room = (name) => `^src/${name}(/|\\.ts$)`;

/** One rule per room: its files may import only from the listed rooms, the listed packages and Node itself. */
const may = (name, { rooms = [], packages = [] }) => ({
  name: `${name}-imports`,
  severity: "error",
  comment: `src/${name} may import only: ${[...rooms, ...packages].join(", ") || "nothing"}`,
  from: { path: room(name) },
  to: {
    pathNot: [room(name), ...rooms.map(room), ...packages.map((p) => `node_modules/${p}/`)],
    dependencyTypesNot: ["core", "type-only"],
  },
});

module.exports = {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphans", severity: "error", from: { orphan: true, path: "^src/", pathNot: "\\.json$" }, to: {} },
    may("abort", {}),
    may("arn", {}),
    may("ascii", {}),
    may("principal", { rooms: ["arn"] }),
    may("refusal", { rooms: ["arn", "ascii", "defined"] }),
    may("policy", { rooms: ["arn", "ascii", "principal"] }),
    may("resolve", { rooms: ["abort", "arn"], packages: ["quick-lru"] }),
    may("diagnose", { rooms: ["abort", "arn", "ascii", "policy", "principal", "refusal", "resolve"] }),
    may("defined", {}),
    may("lazy", {}),
    may("printable", {}),
    may("check", {}),
    may("deadline", { rooms: ["abort", "resolve/waiting"] }),
    may("pause", { rooms: ["abort"] }),
    may("retry", { rooms: ["check", "pause", "refusal", "resolve"] }),
    may("fallback", {
      rooms: ["abort", "arn", "check", "deadline", "defined", "pause", "principal", "refusal", "resolve"],
      packages: ["quick-lru"],
    }),
    may("explain", { rooms: ["arn", "diagnose", "policy", "printable", "resolve"] }),
    may("telemetry", { rooms: ["defined", "error", "lazy", "printable"], packages: ["pino", "@opentelemetry/api"] }),
    may("error", { rooms: ["refusal/kinds"] }),
    may("options", {}),
    may("guardrail-options", { rooms: ["resolve/guardrail-arn"] }),
    may("resolve-options", {
      rooms: [
        "check",
        "fallback/options",
        "guardrail-options",
        "policy",
        "principal",
        "resolve/catalog-format",
        "retry/options",
      ],
    }),
    may("call", {
      rooms: [
        "abort",
        "deadline",
        "defined",
        "diagnose",
        "error",
        "explain",
        "fallback",
        "lazy",
        "options",
        "pause",
        "principal",
        "refusal",
        "resolve",
        "retry",
        "telemetry",
      ],
    }),
    {
      name: "a-call-that-succeeds-loads-no-more",
      severity: "error",
      comment: "What a denial or an opted-in call needs, the parser included, is loaded by import().",
      from: { path: "^src/call/(attempt|call|command|could-be-denial|send)\\.ts$" },
      to: {
        path: "^src/",
        pathNot: [
          "^src/call/(attempt|call|command|could-be-denial)\\.ts$",
          "^src/(lazy|options)\\.ts$",
          "^src/fallback/report\\.ts$",
          "^src/refusal/(error-names|wrapped)\\.ts$",
          "^src/resolve/model-id\\.ts$",
        ],
        dependencyTypesNot: ["type-only", "dynamic-import"],
      },
    },
    may("aws", { rooms: ["abort", "arn", "lazy", "resolve"], packages: ["@aws-sdk", "p-retry"] }),
    may("testing", {
      rooms: ["arn", "policy", "resolve/legs", "resolve/known-models", "resolve/known-profiles"],
      packages: ["@smithy/eventstream-codec"],
    }),
    {
      name: "nobody-imports-the-front-doors",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/testing/" },
      to: { path: ["^src/index\\.ts$", "^src/testing/"] },
    },
    {
      name: "only-the-edge-speaks-to-aws",
      severity: "error",
      comment: "The SDK is imported by client.ts and index.ts (the classes we extend), by lookup.ts, and by aws/.",
      from: {
        path: "^src/",
        pathNot: ["^src/aws/", "^src/testing/", "^src/(client|index|lookup)\\.ts$"],
      },
      to: { path: "node_modules/(@aws-sdk|@smithy)/", dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node"],
      extensions: [".ts", ".js", ".mts", ".json"],
    },
  },
};
