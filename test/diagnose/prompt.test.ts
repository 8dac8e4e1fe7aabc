import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { isDiagnosedError } from "../../src/index.js";
import { formatDiagnosis, policySet } from "../../src/offline.js";
import type { PolicySetInput } from "../../src/policy/evaluation/policy-set.js";
import { asOf } from "../../src/resolve/known-profiles.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";
import { FULL, policy } from "../policies.js";
import { lookupsFor, preflightLookups } from "./lookups.js";

const NOVA = "amazon.nova-pro-v1:0";
const SESSION = "arn:aws:sts::111122223333:assumed-role/AppRole/session";
const prompt = (version = "") => `arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ${version}`;
const IMPLICIT = "because no identity-based policy allows the bedrock:InvokeModel action";
const BY_SCP = "with an explicit deny in a service control policy";

/** A call of a prompt whose model is denied in a Region. */
async function denied(
  region: string,
  { modelId = prompt(":2"), reason = IMPLICIT, model = NOVA, policies = undefined as PolicySetInput | undefined } = {},
) {
  const bedrock = new SimulatedBedrock({ principal: SESSION });
  bedrock.fault({
    operation: "Converse",
    status: 403,
    errorName: "AccessDeniedException",
    message: `User: ${SESSION} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:${region}::foundation-model/${model} ${reason}`,
  });
  const client = clientOf(bedrock, policies ? { diagnosis: { policies: policySet(policies) } } : {});
  const error: unknown = await client.send(new ConverseCommand({ modelId })).catch((thrown) => thrown);
  client.destroy();
  if (!isDiagnosedError(error)) throw error;
  return { ...error.diagnosis, asked: bedrock.requests.slice(1).map(({ operation }) => operation) };
}

describe("a prompt whose model AWS denies in a Region", () => {
  it("is reported with the model's profiles that route there, and GetPrompt shows the profile", async () => {
    const diagnosis = await denied("us-west-2");
    const finding = {
      code: "prompt-selects-profile",
      promptArn: prompt(":2"),
      sourceRegion: "us-east-1",
      modelId: NOVA,
      region: "us-west-2",
      profiles: [{ profileId: `us.${NOVA}`, destinationRegions: ["us-east-1", "us-east-2", "us-west-2"] }],
      asOf,
    };
    expect(diagnosis.evidence.map((piece) => piece.finding)).toContainEqual(finding);
    expect(diagnosis.evidence.map(({ says }) => says)).toContain(
      `Version 2 of the prompt selects the inference profile. GetPrompt returns it. Inference profiles of ${NOVA} that can route from us-east-1 to us-west-2 (catalog of ${asOf}): us.${NOVA} (us-east-1, us-east-2 and us-west-2).`,
    );
    expect(diagnosis).toMatchObject({ blockedRegions: ["us-west-2"], legsComplete: false, alternatives: [] });
    expect(diagnosis.profile).toBeUndefined();
    expect(diagnosis.summary).toContain("Version 2 of the prompt selects the inference profile. GetPrompt returns it.");
    const [first] = diagnosis.remedies;
    expect(first).toMatchObject({ code: "look-up-prompt", who: "application-developer", breadth: "nothing" });
    expect(first?.steps.join(" ")).toContain("bedrock:GetPrompt");
    expect(first?.steps.join(" ")).toContain(`us.${NOVA} (us-east-1, us-east-2 and us-west-2)`);
    expect(diagnosis.asked).toEqual([]);
  });

  it("never makes a profile of the prompt's ID", async () => {
    for (const reason of [IMPLICIT, BY_SCP]) {
      const diagnosis = await denied("us-west-2", { reason });
      expect(diagnosis.legs.map(({ leg }) => leg.stage)).toEqual(["model", "destination-model"]);
      expect(diagnosis.legs.every(({ leg }) => leg.inferenceProfileArn === undefined)).toBe(true);
      const printed = formatDiagnosis(diagnosis, "text") + JSON.stringify(diagnosis.remedies);
      expect(printed).not.toMatch(/inference-profile\/(?:ABCDEFGHIJ|prompt)|ABCDEFGHIJ[^ ]*\. inference|the arn:/);
      expect(JSON.stringify(diagnosis.remedies)).not.toContain("InferenceProfileArn");
    }
  });

  it("is only said to use a profile if the Region isn't the source Region", async () => {
    const here = await denied("us-east-1");
    expect(here.summary).toContain("Version 2 of the prompt selects the model or inference profile.");
    // It may be evaluated with an inference profile, so it isn't a direct call.
    expect(here.legs.map(({ leg }) => leg.stage)).toEqual(["model", "source-model"]);
    const draft = await denied("us-west-2", { modelId: prompt() });
    expect(draft.summary).toContain("The draft version of the prompt selects the inference profile.");
  });

  it("is reported by global routing, or without profiles, as far as the catalog shows them", async () => {
    const global = await denied("", { model: "anthropic.claude-opus-5" });
    expect(global.evidence.at(-1)?.says).toContain("that can route from us-east-1 globally (catalog of");
    expect(global.evidence.at(-1)?.says).toContain("global.anthropic.claude-opus-5");
    const unknown = await denied("us-west-2", { model: "acme.new-1" });
    expect(unknown.evidence.at(-1)?.says).toBe(
      `Version 2 of the prompt selects the inference profile. GetPrompt returns it. The catalog of ${asOf} lists no inference profile of acme.new-1 that can route from us-east-1 to us-west-2.`,
    );
  });

  it("isn't disputed by policies that depend on the inference profile, which is unknown", async () => {
    const Condition = { ArnLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" } };
    const deny = policy("DenyUs", { Effect: "Deny", Action: "bedrock:InvokeModel", Resource: "*", Condition });
    const policies = { identity: [FULL, deny], unknownContext: "absent" as const };
    const diagnosis = await denied("us-west-2", {
      reason: "with an explicit deny in an identity-based policy",
      policies,
    });
    expect(diagnosis.evidence.map(({ finding }) => finding.code)).not.toContain("policies-disagree");
    expect(diagnosis.legs.find(({ leg }) => leg.region === "us-west-2")).toEqual(
      expect.objectContaining({ verdict: "blocked", evidence: ["message"] }),
    );
    expect(diagnosis.legs.some(({ contradictedBy }) => contradictedBy)).toBe(false);
  });

  it("is looked up in the catalog only for a denial by IAM", () => {
    expect(lookupsFor("iam-denied", prompt())).toEqual(["prompt-profiles"]);
    expect(lookupsFor("use-case-form", prompt())).toEqual(["use-case"]);
    expect(preflightLookups(prompt())).toEqual([]);
  });
});
