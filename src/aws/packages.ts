import { exportsOf, isMissing, once } from "../lazy.js";
import { NotInstalledError, NotLoadedError } from "../resolve/lookup-failure.js";

// The SDK packages that an application can install. Each is loaded by the first request.

export const loadBedrock = optionalPackage("@aws-sdk/client-bedrock", async () => {
  try {
    return await import("@aws-sdk/client-bedrock");
  } catch (error) {
    throw unusable("@aws-sdk/client-bedrock", error);
  }
});

export const loadIam = optionalPackage("@aws-sdk/client-iam", async () => {
  try {
    return await import("@aws-sdk/client-iam");
  } catch (error) {
    throw unusable("@aws-sdk/client-iam", error);
  }
});

export const loadSts = optionalPackage("@aws-sdk/client-sts", async () => {
  try {
    return await import("@aws-sdk/client-sts");
  } catch (error) {
    throw unusable("@aws-sdk/client-sts", error);
  }
});

export const loadOrganizations = optionalPackage("@aws-sdk/client-organizations", async () => {
  try {
    return await import("@aws-sdk/client-organizations");
  } catch (error) {
    throw unusable("@aws-sdk/client-organizations", error);
  }
});

/**
 * An SDK package that the application can install.
 *
 * @param load an `await import()` in `try`, with the package name as a literal. Only in this form can a bundler find
 * the package, and still build if it isn't installed
 * @returns a function that loads the package. It throws a NotInstalledError or a NotLoadedError, also if the package
 * lacks one of the required exports
 */
export function optionalPackage<T extends object>(
  packageName: string,
  load: () => Promise<T>,
): (...names: (string & keyof T)[]) => Promise<T> {
  const loaded = once(load);
  return async (...names) => {
    const found = exportsOf(await loaded());
    const missingExport = names.find((name) => found[name] === undefined);
    if (missingExport !== undefined) throw new NotLoadedError(packageName, { missingExport });
    return found;
  };
}

/** Why a package can't be used: either it isn't installed, or loading it failed. */
export function unusable(packageName: string, error: unknown): Error {
  return isMissing(error, packageName)
    ? new NotInstalledError(packageName)
    : new NotLoadedError(packageName, { error });
}
