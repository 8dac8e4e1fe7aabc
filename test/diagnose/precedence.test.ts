import { describe, expect, it } from "vitest";
import type { AuthorizationLeg } from "../../src/authorization.js";
import { compiledPolicies } from "../../src/diagnose/options.js";
import type { DenialQuestion } from "../../src/diagnose/question.js";
import { organization } from "../../src/diagnose/sources/organization.js";
import { policies } from "../../src/diagnose/sources/policies.js";
import { probe } from "../../src/diagnose/sources/probe.js";
import type { SimulatedDecision } from "../../src/diagnose/sources/simulated.js";
import { byPlace, simulation } from "../../src/diagnose/sources/simulation.js";
import { type LegEvidence, Results } from "../../src/diagnose/sources/source.js";
import { verdictOn } from "../../src/diagnose/verdict.js";
import { policySet } from "../../src/offline.js";
import { parsePrincipal } from "../../src/principal.js";
import { parseRefusal } from "../../src/refusal/parse.js";
import { parseModelId } from "../../src/resolve/model-id.js";

const MODEL = "amazon.nova-pro-v1:0";
const CALLER = "arn:aws:iam::111122223333:user/App";
const RESOURCE = `arn:aws:bedrock:us-east-1::foundation-model/${MODEL}`;
const LEG: AuthorizationLeg = {
  stage: "model",
  action: "bedrock:InvokeModel",
  resource: RESOURCE,
  region: "us-east-1",
};

const refusalOn = (resource: string) => {
  const message = `User: ${CALLER} is not authorized to perform: bedrock:InvokeModel on resource: ${resource} with an explicit deny in an identity-based policy`;
  const refusal = parseRefusal(message, { errorName: "AccessDeniedException" });
  if (refusal === null) throw new Error("It isn't a denial.");
  return refusal;
};

/** A denial in another Region, unless the message is about this leg. */
const questionOf = (isDenied: boolean): DenialQuestion => ({
  call: { operation: "Converse", modelId: MODEL, reference: parseModelId(MODEL), sourceRegion: "us-east-1" },
  refusal: refusalOn(isDenied ? RESOURCE : RESOURCE.replace("us-east-1", "eu-west-1")),
  // There are no policies that the simulator doesn't evaluate.
  policies: compiledPolicies(policySet({ unknownContext: "absent" }), "policies"),
});

type Said = "allowed" | "blocked" | undefined;
type Evaluated = Said | "unknown";

/** What the simulator can evaluate. */
const OPEN = [{ policyType: "identity-based-policy" }] as never;

/** What the sources report on the leg. A probe that passed isn't conclusive. */
function verdict(said: { message: boolean; probe: Said; policies: Evaluated; simulation: Said }) {
  const question = questionOf(said.message);
  let results = new Results();
  if (said.probe === "allowed") results = results.with(probe, { passed: true });
  if (said.probe === "blocked") results = results.with(probe, { passed: false, refusal: refusalOn(RESOURCE) });
  if (said.policies) {
    const byLeg = new Map([[LEG, { leg: LEG, verdict: said.policies, unknown: OPEN }]]);
    results = results.with(policies, { from: ["policies"], names: [], byLeg });
  }
  if (said.simulation) {
    const decision = said.simulation === "allowed" ? "allowed" : "explicitDeny";
    const simulated: SimulatedDecision = { decision };
    const found = { policySourceArn: CALLER, isGuessed: false, legs: [{ leg: LEG, simulated }] };
    results = results.with(simulation, byPlace(found));
  }
  const known: LegEvidence = {
    question,
    results,
    context: { absent: [], unknown: [] } as never,
    planned: [LEG],
    legs: [LEG],
    deniedLeg: said.message ? LEG : undefined,
  };
  return verdictOn(LEG, known);
}

describe("the precedence of the sources", () => {
  const all: Said[] = ["allowed", "blocked", undefined];
  const evaluated: Evaluated[] = [...all, "unknown"];
  const rows = [true, false].flatMap((isDenied) =>
    all.flatMap((probed) =>
      evaluated.flatMap((given) => all.map((simulated) => ({ isDenied, probed, given, simulated }))),
    ),
  );

  it.each(rows)("message $isDenied, probe $probed, policies $given, simulation $simulated", (row) => {
    const { isDenied, probed, given, simulated } = row;
    // An allow of the simulator counts only for what the policies leave open.
    const isOpen = simulated === "allowed" && given !== "unknown";
    const conclusive = [
      ["message", isDenied ? "blocked" : undefined],
      ["probe", probed === "blocked" ? "blocked" : undefined],
      ["policies", given === "unknown" ? undefined : given],
      ["simulation", isOpen ? undefined : simulated],
    ].filter(([, said]) => said !== undefined);
    const decided = conclusive[0]?.[1];
    const sources = (isSame: boolean) =>
      conclusive.filter(([, said]) => (said === decided) === isSame).map(([source]) => source);
    const undecided = given === "unknown" ? ["policies"] : [];
    const {
      verdict: shown,
      evidence,
      contradictedBy = [],
    } = verdict({
      message: isDenied,
      probe: probed,
      policies: given,
      simulation: simulated,
    });
    expect({ shown, evidence, contradictedBy }).toEqual({
      shown: decided ?? "unknown",
      evidence: decided === undefined ? undecided : sources(true),
      contradictedBy: sources(false),
    });
  });
});

it("reads the organization of the account in the message, whatever principal the question states", async () => {
  const read: string[] = [];
  const question = { ...questionOf(true), caller: parsePrincipal("arn:aws:iam::444455556666:user/Other") };
  const ports = {
    organization: async (accountId: string) => {
      read.push(accountId);
      return { levels: [] };
    },
  };
  const reading = { question, ports, signal: new AbortController().signal, results: new Results() };
  const report = { finding: () => {}, result: () => {}, incomplete: () => {} };
  await organization.read?.(reading as never, report);
  expect(read).toEqual(["111122223333"]);
});
