import { describe, expect, it } from "vitest";
import { exportsOf, isMissing, keyed, lazily, once } from "../src/lazy.js";

/** Fails a number of times, then returns the value. */
function failing<T>(times: number, value: T) {
  let loads = 0;
  return Object.assign(
    async () => {
      loads += 1;
      if (loads <= times) throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
      return value;
    },
    { loads: () => loads },
  );
}

describe("lazily", () => {
  it("loads again after a load that failed", async () => {
    const load = failing(1, "module");
    const module = lazily(load);
    expect(await module()).toBeUndefined();
    expect(await module()).toBe("module");
    expect(await module()).toBe("module");
    expect(load.loads()).toBe(2);
  });

  it("loads a module once for calls at the same time, and again for later calls only if that failed", async () => {
    const load = failing(1, "module");
    const module = lazily(load);
    expect(await Promise.all([module(), module()])).toEqual([undefined, undefined]);
    expect(await Promise.all([module(), module()])).toEqual(["module", "module"]);
    expect(load.loads()).toBe(2);
  });

  it("remembers a module that isn't there", async () => {
    let loads = 0;
    const module = lazily(async () => {
      loads += 1;
      return undefined;
    });
    expect([await module(), await module()]).toEqual([undefined, undefined]);
    expect(loads).toBe(1);
  });
});

describe("once", () => {
  it("rejects with the error of a failed load, and loads again", async () => {
    const load = failing(1, "module");
    const module = once(load);
    await expect(module()).rejects.toThrow("EMFILE");
    expect(await module()).toBe("module");
  });
});

describe("keyed", () => {
  it("makes a value once per key, and makes it again if that failed", async () => {
    const made = new Map<string, Promise<string>>();
    const make = failing(1, "value");
    await expect(keyed(made, "a", make)).rejects.toThrow("EMFILE");
    expect(made.size).toBe(0);
    expect(await keyed(made, "a", make)).toBe("value");
    expect(await keyed(made, "a", make)).toBe("value");
    expect(make.loads()).toBe(2);
  });

  it("keeps a newer value when an older one fails", async () => {
    const made = new Map<string, Promise<string>>();
    let fail = (_: Error) => {};
    const older = keyed(made, "a", () => new Promise((_, reject) => (fail = reject)));
    made.clear();
    const newer = keyed(made, "a", async () => "newer");
    fail(new Error("late"));
    await expect(older).rejects.toThrow("late");
    expect(made.get("a")).toBe(newer);
  });
});

describe("isMissing", () => {
  const missing = (code: string, message: string, more = {}) => Object.assign(new Error(message), { code, ...more });
  const iam = "@aws-sdk/client-iam";

  it.each([
    ["import() in Node.js", missing("ERR_MODULE_NOT_FOUND", `Cannot find package '${iam}' imported from /app/a.mjs`)],
    ["require() in Node.js", missing("MODULE_NOT_FOUND", `Cannot find module '${iam}'\nRequire stack:\n- /app/a.cjs`)],
    ["Jest", missing("MODULE_NOT_FOUND", `Cannot find module '${iam}' from 'node_modules/x/dist/ports.cjs'`)],
    ["webpack", missing("MODULE_NOT_FOUND", `Cannot find module '${iam}'`)],
    ["Bun", missing("ERR_MODULE_NOT_FOUND", `Cannot find package '${iam}' from '/app/a.mjs'`)],
    ["an older Bun", missing("ERR_MODULE_NOT_FOUND", `Cannot find module "${iam}" from "/app/a.mjs"`)],
    [
      "Yarn Plug'n'Play",
      missing("MODULE_NOT_FOUND", "x tried to access it, but it isn't provided", { data: { request: iam } }),
    ],
  ])("is true for the error of %s", (_, error) => {
    expect(isMissing(error, iam)).toBe(true);
  });

  it.each([
    ["another package", missing("MODULE_NOT_FOUND", `Cannot find module '@smithy/core'\nRequire stack:\n- /${iam}/a`)],
    ["a file of it", missing("ERR_MODULE_NOT_FOUND", `Cannot find module '/app/node_modules/${iam}/dist-es/index.js'`)],
    ["another one of a longer name", missing("MODULE_NOT_FOUND", `Cannot find module '${iam}-roles'`)],
    ["too many open files", missing("EMFILE", `EMFILE: too many open files, open '${iam}'`)],
    ["a sandbox without import()", missing("ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG", "import() isn't available")],
    ["what isn't an error", undefined],
  ])("is false for %s", (_, error) => {
    expect(isMissing(error, iam)).toBe(false);
  });
});

describe("exportsOf", () => {
  it("finds named exports under default, where a bundler leaves only that", () => {
    const named = { STSClient: class {} };
    expect(exportsOf(named)).toBe(named);
    expect(exportsOf({ default: named } as unknown as typeof named)).toBe(named);
  });
});
