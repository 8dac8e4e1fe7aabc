import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile, type OutputFile } from "esbuild";

const APPLICATION = "application.js";
const DIST = join(import.meta.dirname, "../dist");

/** The SDK, and the packages that only a denied call loads. */
export const PACKAGES = ["@aws-sdk/*", "@smithy/*", "pino", "p-retry", "quick-lru", "@opentelemetry/api"];

/** The import of names from an entry point of the build, as an application writes it. */
export const namesFrom = (entry: "index" | "offline", ...names: string[]) =>
  `export { ${names.join(", ")} } from ${JSON.stringify(join(DIST, `${entry}.mjs`))};`;

/**
 * Bundles a program with esbuild's own settings, minified.
 *
 * @returns the size in bytes, compressed with gzip, of what a start reads. Files that are loaded later aren't counted
 */
export async function sizeAtStart(program: string, options: BuildOptions): Promise<number> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: DIST, sourcefile: APPLICATION },
    bundle: true,
    minify: true,
    // Otherwise, the bundle is one file, with everything that is loaded later in it.
    splitting: true,
    format: "esm",
    outdir: "out",
    ...options,
    write: false,
    metafile: true,
  });
  const contents = filesAtStart(metafile, APPLICATION).map((file) => contentOf(file, outputFiles));
  return gzipSync(Buffer.concat(contents), { level: 9 }).length;
}

/**
 * The output files that a bundle's entry point imports statically, directly or not. Each file that is loaded later is an
 * entry point too, so the source file of the application's own is needed.
 */
export function filesAtStart({ outputs }: Metafile, application: string): string[] {
  const found = new Set<string>();
  const follow = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    const imports = outputs[file]?.imports ?? [];
    for (const { path, kind, external } of imports) if (kind === "import-statement" && !external) follow(path);
  };
  const entry = Object.keys(outputs).find((file) => outputs[file]?.entryPoint?.endsWith(application));
  if (entry === undefined) throw new Error("The bundle has no entry point.");
  follow(entry);
  return [...found];
}

function contentOf(file: string, outputs: readonly OutputFile[]): Uint8Array {
  const output = outputs.find(({ path }) => path.endsWith(file.replace(/^.*\//, "/")));
  if (output === undefined) throw new Error(`The bundle has no file ${file}.`);
  return output.contents;
}
