import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

// Compares the public types of each entry point with api/*.api.md, so that a reviewer sees each change of them.
// `--update` writes the reports. Requires a build.

const ROOT = join(import.meta.dirname, "..");
const ENTRY_POINTS = ["index", "offline", "testing"];

const { values } = parseArgs({ options: { update: { type: "boolean", default: false } } });
const changed = ENTRY_POINTS.filter((entry) => !isSame(entry, values.update));
if (changed.length > 0) {
  console.error(`The public types of ${changed.join(" and ")} changed. If this is intended, run: npm run api:update`);
  process.exitCode = 1;
}

function isSame(entry: string, update: boolean): boolean {
  const mainEntryPointFilePath = join(ROOT, `dist/${entry}.d.mts`);
  if (!existsSync(mainEntryPointFilePath)) throw new Error(`${mainEntryPointFilePath} is missing. Run: npm run build`);
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      newlineKind: "lf",
      mainEntryPointFilePath,
      compiler: { overrideTsconfig: { compilerOptions: { module: "nodenext", target: "es2022", skipLibCheck: true } } },
      apiReport: {
        enabled: true,
        reportFileName: `${entry}.api.md`,
        reportFolder: join(ROOT, "api"),
        reportTempFolder: join(ROOT, "node_modules/.cache/api"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, "package.json"),
  });
  const result = Extractor.invoke(config, { localBuild: update, showVerboseMessages: false, printApiReportDiff: true });
  return !result.apiReportChanged || update;
}
