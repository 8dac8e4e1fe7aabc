// What `resilient-bedrock/offline` loads. Run on src/offline.ts only, so the modules that it finds are those that the
// entry point imports, directly or not. Types are left out, because they aren't loaded.
const { options } = require("./.dependency-cruiser.cjs");

module.exports = {
  forbidden: [
    {
      name: "offline-needs-no-package",
      severity: "error",
      comment: "It runs in a browser, without the SDK, and without any other package or built-in module of Node.js.",
      from: { path: "^src/" },
      to: { pathNot: "^src/" },
    },
    {
      name: "offline-sends-nothing",
      severity: "error",
      comment: "It's made of pure functions. Of the client, it contains only what reads an error.",
      from: { path: "^src/" },
      to: { path: ["^src/(aws|call|fallback|retry)/", "^src/(client|compose|lookup|on-demand|preflight)\\.ts$"] },
    },
  ],
  options: { ...options, tsPreCompilationDeps: false },
};
