import { describe, expect, it } from "vitest";
import { conclude } from "../../src/diagnose/conclude.js";
import { explain } from "../../src/explain/explain.js";
import actions from "../../src/policy/lint/bedrock-actions.data.json" with { type: "json" };
import type { PolicyStatement } from "../../src/policy/remedies/edit.js";
import { parseRefusal } from "../../src/refusal/parse.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import { gatheredWith } from "../diagnose/gathered.js";
import { UNHURRIED } from "../pace.js";

const ACCOUNT = "111122223333";
const NOVA = "amazon.nova-pro-v1:0";
const US = `us.${NOVA}`;
const CALLER = `arn:aws:sts::${ACCOUNT}:assumed-role/App/s`;
const own = (resource: string, region = "us-east-1") => `arn:aws:bedrock:${region}:${ACCOUNT}:${resource}`;
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/${NOVA}`;
const PROMPT = own("prompt/ABCDEFGHIJ:2");

/** The resource types of the runtime's actions (Service Authorization Reference, "Amazon Bedrock"). */
const INVOKED = ["foundation-model", "inference-profile", "application-inference-profile", "async-invoke"];
const TYPES: Record<string, string[]> = {
  "bedrock:InvokeModel": INVOKED,
  "bedrock:InvokeModelWithResponseStream": INVOKED.slice(0, 3),
  "bedrock:CountTokens": ["foundation-model"],
  "bedrock:ApplyGuardrail": ["guardrail", "guardrail-profile"],
  "bedrock:InvokeGuardrailChecks": [],
  "bedrock:GetAsyncInvoke": ["async-invoke"],
  "bedrock:ListAsyncInvokes": [],
  "bedrock:RenderPrompt": ["prompt", "prompt-version"],
  "bedrock:CallWithBearerToken": [],
};

async function statementsOf(operation: string, modelId: string, action: string, resource?: string) {
  const on = resource === undefined ? "" : ` on resource: ${resource}`;
  const message = `User: ${CALLER} is not authorized to perform: ${action}${on} because no identity-based policy allows the ${action} action`;
  const refusal = parseRefusal(message, { errorName: "AccessDeniedException" });
  if (!refusal) throw new Error("The message isn't a denial.");
  const profile = knownProfile(modelId, "us-east-1")?.profile;
  const call = { operation, modelId, reference: parseModelId(modelId), sourceRegion: "us-east-1" };
  const { remedies } = await explain(conclude({ call, refusal }, gatheredWith({ profile })), UNHURRIED);
  return remedies.flatMap(({ policy }) => policy?.statements ?? []);
}

const resourcesOf = ({ Resource }: PolicyStatement) => [Resource ?? []].flat();

const CASES: [operation: string, modelId: string, action: string, resource?: string][] = [
  ["Converse", NOVA, "bedrock:InvokeModel", model("us-east-1")],
  ["Converse", US, "bedrock:InvokeModel", model("us-west-2")],
  ["ConverseStream", US, "bedrock:InvokeModelWithResponseStream", own(`inference-profile/${US}`)],
  ["ConverseStream", US, "bedrock:InvokeModelWithResponseStream"],
  ["StartAsyncInvoke", NOVA, "bedrock:InvokeModel", own("async-invoke/*")],
  ["Converse", PROMPT, "bedrock:InvokeModel", model("us-west-2")],
  ["Converse", PROMPT, "bedrock:RenderPrompt", PROMPT],
  ["CountTokens", NOVA, "bedrock:CountTokens", model("us-east-1")],
  ["ApplyGuardrail", "", "bedrock:ApplyGuardrail", own("guardrail/g1")],
  ["Converse", US, "bedrock:ApplyGuardrail", own("guardrail-profile/us.guardrail.v1:0", "us-west-2")],
  ["InvokeGuardrailChecks", "", "bedrock:InvokeGuardrailChecks", own("guardrail/g1")],
  ["InvokeGuardrailChecks", "", "bedrock:InvokeGuardrailChecks", "*"],
  ["InvokeGuardrailChecks", "", "bedrock:InvokeGuardrailChecks"],
  ["GetAsyncInvoke", "", "bedrock:GetAsyncInvoke", own("async-invoke/abc123")],
  ["ListAsyncInvokes", "", "bedrock:ListAsyncInvokes", own("async-invoke/*")],
  ["ListAsyncInvokes", "", "bedrock:ListAsyncInvokes"],
  ["Converse", US, "bedrock:CallWithBearerToken", "*"],
];

describe("the statements that a diagnosis proposes", () => {
  it.each(CASES)("%s of %j, denied %s on %s: allow it on a resource that the action supports", async (...denied) => {
    const [, , action, resource] = denied;
    const statements = await statementsOf(...denied);
    const allowing = statements.filter(({ Action }) => Action === action);
    expect(allowing.length).toBeGreaterThan(0);
    for (const statement of statements) {
      const types = TYPES[String(statement.Action)] ?? [];
      for (const each of resourcesOf(statement)) {
        const type = each.split(":").slice(5).join(":").split("/")[0];
        if (each === "*" && types.length > 0) expect(resource).toBeUndefined();
        else expect(each === "*" ? [] : types).toEqual(each === "*" ? [] : expect.arrayContaining([type]));
        if (types.length === 0) expect(each).toBe("*");
      }
    }
    // What AWS denied is among what is allowed.
    if (resource !== undefined && TYPES[action]?.length) expect(allowing.flatMap(resourcesOf)).toContain(resource);
    expect(new Set(statements.map(({ Sid }) => Sid ?? "")).size).toBe(statements.length);
  });

  it("know which of the runtime's actions support no resource type", () => {
    const without = actions.withoutResourceTypes.split(" ");
    for (const [action, types] of Object.entries(TYPES)) {
      expect(without.includes(action.replace("bedrock:", ""))).toBe(types.length === 0);
    }
  });
});
