import { expect, it } from "vitest";
import { failureOf, NotInstalledError, NotLoadedError } from "../../src/resolve/lookup-failure.js";

const NAME = "@aws-sdk/client-bedrock";

it.each([
  ["isn't installed", new NotInstalledError(NAME), { reason: "not-installed", packageName: NAME }],
  [
    "can't be loaded, whatever its cause is named",
    new NotLoadedError(NAME, { error: Object.assign(new Error("slow"), { code: "ETIMEDOUT" }) }),
    { reason: "not-loaded", packageName: NAME, errorName: "ETIMEDOUT" },
  ],
  [
    "fails with an error whose name is invalid",
    new NotLoadedError(NAME, { error: Object.assign(new Error(), { name: "<b>" }) }),
    { reason: "not-loaded", packageName: NAME },
  ],
  [
    "lacks an export",
    new NotLoadedError(NAME, { missingExport: "GetInferenceProfileCommand" }),
    { reason: "not-loaded", packageName: NAME, missingExport: "GetInferenceProfileCommand" },
  ],
])("a package that %s has its own reason", (_, error, failure) => {
  expect(failureOf(error)).toEqual(failure);
});

it("a 404 means that the resource doesn't exist only with AWS's error name, because a gateway can also return it", () => {
  const notFound = (name: string) =>
    Object.assign(new Error("no such page"), { name, $metadata: { httpStatusCode: 404 } });
  expect(failureOf(notFound("ResourceNotFoundException")).reason).toBe("not-found");
  expect(failureOf(notFound("UnknownError")).reason).toBe("other");
});
