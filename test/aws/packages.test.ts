import { describe, expect, it } from "vitest";
import { optionalPackage, unusable } from "../../src/aws/packages.js";
import { NotInstalledError, NotLoadedError } from "../../src/resolve/lookup-failure.js";

const IAM = "@aws-sdk/client-iam";

interface Iam {
  IAMClient: unknown;
  GetRoleCommand: unknown;
}
const iam: Iam = { IAMClient: class {}, GetRoleCommand: class {} };

/** Loads what is listed, one after another, as the loaders of the library do. */
function loaderOf(...results: (Partial<Iam> | { default: Iam } | Error)[]) {
  return optionalPackage<Iam>(IAM, async () => {
    const result = results.shift();
    if (result instanceof Error) throw unusable(IAM, result);
    return result as Iam;
  });
}

const withCode = (error: Error, code: string) => Object.assign(error, { code });

describe("an optional package of the SDK", () => {
  it("is reported as not installed each time, if it's missing", async () => {
    const missing = () =>
      withCode(new Error(`Cannot find package '${IAM}' imported from /app/a.mjs`), "MODULE_NOT_FOUND");
    const load = loaderOf(missing(), missing(), iam);
    await expect(load("IAMClient")).rejects.toEqual(new NotInstalledError(IAM));
    await expect(load("IAMClient")).rejects.toEqual(new NotInstalledError(IAM));
    expect(await load("IAMClient")).toBe(iam);
  });

  it.each([
    ["a code", withCode(new Error("EMFILE: too many open files"), "EMFILE"), "EMFILE"],
    ["a class of its own", new SyntaxError("Unexpected token"), "SyntaxError"],
    [
      "another package that it needs",
      withCode(new Error("Cannot find package '@smithy/core' imported from /app/a.mjs"), "ERR_MODULE_NOT_FOUND"),
      "ERR_MODULE_NOT_FOUND",
    ],
  ])(
    "that fails to load with %s isn't reported as missing, and is loaded again the next time",
    async (_, error, errorName) => {
      const load = loaderOf(error, iam);
      const failure = await load("IAMClient").catch((thrown: unknown) => thrown);
      expect(failure).toBeInstanceOf(NotLoadedError);
      expect(failure).toMatchObject({ packageName: IAM, errorName, cause: error });
      expect(await load("IAMClient")).toBe(iam);
    },
  );

  it("can have its exports under default, as in a bundler's chunk", async () => {
    expect(await loaderOf({ default: iam })("IAMClient")).toBe(iam);
  });

  it("that lacks a class fails only if that class is needed", async () => {
    const load = loaderOf({ IAMClient: iam.IAMClient });
    await expect(load("IAMClient", "GetRoleCommand")).rejects.toMatchObject({
      name: "NotLoadedError",
      missingExport: "GetRoleCommand",
    });
    expect(await load("IAMClient")).toHaveProperty("IAMClient", iam.IAMClient);
  });
});
