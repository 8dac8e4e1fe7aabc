// The import rules of docs/architecture.md, checked by `npm run lint`: what each module can import, and no cycles.
const room = (name) => `^src/${name}(/|\\.ts$)`;

/** One rule per module: its files can import only from the listed modules, the listed packages, and Node.js. */
const may = (name, { rooms = [], packages = [] }) => ({
  name: `${name}-imports`,
  severity: "error",
  comment: `src/${name} can import only: ${[...rooms, ...packages].join(", ") || "nothing"}`,
  from: { path: room(name) },
  to: {
    pathNot: [room(name), ...rooms.map(room), ...packages.map((p) => `node_modules/${p}/`)],
    dependencyTypesNot: ["core", "type-only"],
  },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphans", severity: "error", from: { orphan: true, path: "^src/", pathNot: "\\.json$" }, to: {} },
    may("abort", {}),
    may("defined", {}),
    may("arn", {}),
    may("ascii", {}),
    may("authorization", {}),
    may("diagnosis", {}),
    may("principal", { rooms: ["arn"] }),
    may("refusal", { rooms: ["arn", "ascii"] }),
    may("policy/language", { rooms: ["arn", "ascii", "authorization", "defined"] }),
    may("policy/evaluation", { rooms: ["arn", "ascii", "authorization", "defined", "policy/language", "principal"] }),
    may("policy/remedies", {
      rooms: ["arn", "ascii", "authorization", "defined", "policy/evaluation", "policy/language"],
    }),
    may("policy/lint", { rooms: ["arn", "ascii", "authorization", "defined", "policy/evaluation", "policy/language"] }),
    {
      name: "policy-language-is-the-base",
      severity: "error",
      comment: "The other parts of src/policy build on the language, types included.",
      from: { path: "^src/policy/language/" },
      to: { path: "^src/policy/", pathNot: "^src/policy/language/" },
    },
    {
      name: "policy-remedies-and-lint-build-on-evaluation",
      severity: "error",
      comment:
        "Evaluation doesn't depend on what is built on it, and the two don't depend on each other, types included.",
      from: { path: "^src/policy/(evaluation|remedies|lint)/" },
      to: { path: "^src/policy/(remedies|lint)/", pathNot: "^src/policy/$1/" },
    },
    may("resolve", { rooms: ["abort", "arn", "authorization"], packages: ["quick-lru"] }),
    may("diagnose", { rooms: ["abort", "arn", "ascii", "authorization", "policy", "principal", "refusal", "resolve"] }),
    may("lazy", {}),
    may("printable", {}),
    may("check", {}),
    may("deadline", { rooms: ["abort", "resolve/waiting"] }),
    may("pause", { rooms: ["abort"] }),
    may("retry", { rooms: ["check", "pause", "refusal", "resolve"] }),
    may("fallback", {
      rooms: ["abort", "arn", "authorization", "check", "deadline", "pause", "principal", "refusal", "resolve"],
      packages: ["quick-lru"],
    }),
    may("explain", { rooms: ["arn", "authorization", "diagnose", "policy", "printable", "resolve"] }),
    may("telemetry", { rooms: ["error", "lazy", "printable"], packages: ["pino", "@opentelemetry/api"] }),
    may("error", { rooms: ["authorization", "refusal/kinds"] }),
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
      name: "a-successful-call-loads-nothing-more",
      severity: "error",
      comment: "What a denial or an opted-in call needs, including the parser, is loaded with import().",
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
    may("aws", { rooms: ["abort", "arn", "authorization", "lazy", "resolve"], packages: ["@aws-sdk", "p-retry"] }),
    may("testing", {
      rooms: ["arn", "authorization", "defined", "policy", "resolve/legs", "resolve/known-models", "resolve/known-profiles"],
      packages: ["@smithy/eventstream-codec"],
    }),
    {
      name: "no-imports-of-entry-points",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/testing/" },
      to: { path: ["^src/index\\.ts$", "^src/testing/"] },
    },
    {
      name: "only-aws-imports-the-sdk",
      severity: "error",
      comment: "Only client.ts and index.ts (for the classes that they extend), lookup.ts, and aws/ import the SDK.",
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
