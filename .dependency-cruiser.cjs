// The import rules of docs/architecture.md, checked by `npm run lint`: what each module can import, and no cycles.
const BASE = "(abort|arn|ascii|authorization|check|defined|diagnosed-marker|diagnosis|lazy|pause|principal|printable)";

const filesOf = (module) => `^src/${module}(/|\\.ts$)`;

/** One rule per module: its files can import only the base modules, the listed modules and packages, and Node.js. */
const may = (module, { modules = [], packages = [] }) => ({
  name: `${module}-imports`,
  severity: "error",
  comment: `src/${module} can import only the base modules, and: ${[...modules, ...packages].join(", ") || "nothing"}`,
  from: { path: filesOf(module) },
  to: {
    pathNot: [...[BASE, module, ...modules].map(filesOf), ...packages.map((p) => `node_modules/${p}/`)],
    dependencyTypesNot: ["core", "type-only"],
  },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphans", severity: "error", from: { orphan: true, path: "^src/", pathNot: "\\.json$" }, to: {} },
    may(BASE, {}),
    may("deadline", { modules: ["resolve/waiting"] }),
    may("refusal", {}),
    may("resolve", { packages: ["quick-lru"] }),
    may("policy/language", {}),
    may("policy/evaluation", { modules: ["policy/language"] }),
    may("policy/remedies", { modules: ["policy/evaluation", "policy/language"] }),
    may("policy/lint", { modules: ["policy/evaluation", "policy/language"] }),
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
    may("diagnose", { modules: ["policy", "refusal", "resolve"] }),
    may("explain", { modules: ["diagnose/reported-access", "policy", "resolve"] }),
    may("retry", { modules: ["refusal", "resolve"] }),
    may("fallback", { modules: ["deadline", "refusal", "resolve"], packages: ["quick-lru"] }),
    may("explain-refusal", { modules: ["diagnose", "explain", "refusal", "resolve"] }),
    may("error", { modules: ["refusal/kinds"] }),
    may("telemetry", { modules: ["error"], packages: ["pino", "@opentelemetry/api"] }),
    may("options", { modules: ["(diagnose|fallback|resolve|retry|telemetry)/options"] }),
    may("call", {
      modules: [
        "deadline",
        "diagnose",
        "error",
        "explain",
        "fallback",
        "options",
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
          "^src/(diagnosed-marker|lazy|options)\\.ts$",
          "^src/fallback/report\\.ts$",
          "^src/refusal/(error-names|wrapped)\\.ts$",
          "^src/resolve/model-id\\.ts$",
        ],
        dependencyTypesNot: ["type-only", "dynamic-import"],
      },
    },
    may("aws", { modules: ["deadline", "resolve"], packages: ["@aws-sdk", "p-retry"] }),
    may("testing", {
      modules: ["policy", "resolve/legs", "resolve/known-models", "resolve/known-profiles"],
      packages: ["@smithy/eventstream-codec"],
    }),
    {
      name: "no-imports-of-entry-points",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/(index|offline|testing/simulated-bedrock)\\.ts$" },
    },
    {
      name: "no-imports-of-testing",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/testing/" },
      to: { path: "^src/testing/" },
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
