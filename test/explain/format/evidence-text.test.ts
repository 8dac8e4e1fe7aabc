import { describe, expect, it } from "vitest";
import { failureFinding } from "../../../src/diagnose/failure-finding.js";
import type { EvidenceSource, Finding } from "../../../src/diagnosis.js";
import { evidenceSentence } from "../../../src/explain/format/evidence-text.js";
import { failureOf, NotInstalledError, NotLoadedError } from "../../../src/resolve/lookup-failure.js";

const AT = "2026-08-21T00:00:00.000Z";
const sentence = (source: EvidenceSource, finding: Finding) =>
  evidenceSentence({ source, finding, at: AT, durationMs: 0 });

describe("a package that can't be used", () => {
  const NAME = "@aws-sdk/client-bedrock";
  const notInstalled = new NotInstalledError(NAME);
  const failed = new NotLoadedError(NAME, { error: new TypeError("x") });
  const unnamed = new NotLoadedError(NAME, { error: undefined });
  const outdated = new NotLoadedError(NAME, { missingExport: "GetInferenceProfileCommand" });
  const install = `${NAME} isn't installed (npm install ${NAME})`;
  const update = `the installed version of ${NAME} doesn't export GetInferenceProfileCommand (npm install ${NAME}@latest)`;

  it.each([
    [notInstalled, install],
    [failed, `${NAME} couldn't be loaded (TypeError)`],
    [unnamed, `${NAME} couldn't be loaded`],
    [outdated, update],
  ])("is the reason why a source wasn't used, and the sentence states how it failed", (error, why) => {
    expect(sentence("simulation", failureFinding(error, false))).toBe(`Not called: ${why}.`);
  });

  it.each([
    [notInstalled, install],
    [failed, `${NAME} couldn't be loaded (TypeError)`],
    [outdated, update],
  ])("is the reason why the bundled catalog is used", (error, why) => {
    const failure = { ...failureOf(error), at: AT };
    const finding = { profileId: "us.amazon.nova-pro-v1:0", destinationRegions: ["us-east-1"], failure };
    expect(sentence("profile", { code: "profile-from-bundled-catalog", ...finding })).toBe(
      `The catalog of an unknown date: us.amazon.nova-pro-v1:0 routes to us-east-1. GetInferenceProfile wasn't called: ${why}.`,
    );
  });
});
