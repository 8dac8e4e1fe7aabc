import type { AuthorizationLeg } from "../../authorization.js";
import { NotApplicableError } from "../../resolve/lookup-failure.js";
import { authorizationsOf } from "../call-legs.js";
import { isAboutPermissions } from "../question.js";
import { type CallerIdentity, identity } from "./identity.js";
import { policies } from "./policies.js";
import { profile } from "./profile.js";
import {
  decisionOfSimulation,
  isBlind,
  type SimulatedDecision,
  type SimulatedLeg,
  type Simulation,
  simulationRequests,
} from "./simulated.js";
import type { Reading, Report, Source } from "./source.js";

export type SimulationFinding = {
  code: "simulation";
  policySourceArn: string;
  allowed: number;
  denied: number;
  /** Legs that weren't simulated before the deadline. */
  open: number;
};

/** Why the policy simulator can't be used for a call or its caller. */
export type SimulationUnavailable =
  | "root"
  | "federated-user"
  | "service-linked-role"
  | "role-path-unknown"
  | "no-caller"
  | "no-legs";

/** IAM's policy simulator, for the caller's role or user. */
export const simulation: Source<"simulation", SimulationFinding, SimulationResult> = {
  name: "simulation",
  after: [profile, identity],

  appliesTo: (question, ports) => ports.simulate !== undefined && isAboutPermissions(question),

  async read(reading, report) {
    const { question, results, ports } = reading;
    const caller = results.of(identity);
    const impossible = notSimulated(caller);
    // What other services evaluate depends on a context that is unknown, so the simulator would only guess.
    const legs = authorizationsOf(question, caller?.principal, results.of(profile)).legs.filter(
      (leg) => !leg.unknownKeys,
    );
    if (impossible || caller === undefined || legs.length === 0 || ports.simulate === undefined) {
      throw new NotApplicableError<SimulationUnavailable>(impossible ?? "no-legs");
    }
    await simulateLegs(legs, caller, ports.simulate, reading, report);
  },

  verdictOn(leg, { question, results, context }) {
    const found = results.of(simulation);
    const simulated = found?.byPlace.get(legKey(leg));
    if (found === undefined || simulated === undefined) return undefined;
    const evaluation = results.of(policies)?.byLeg?.get(leg);
    const about = { leg, simulation: found, given: question.policies, evaluation, context };
    return {
      verdict: simulated.decision === "allowed" ? "allowed" : "blocked",
      isConclusive: !isBlind(simulated, about),
      decidedBy: decisionOfSimulation(simulated),
      simulated,
    };
  },
};

/** The decisions, also by place, because a profile may have many legs. */
interface SimulationResult extends Simulation {
  byPlace: ReadonlyMap<string, SimulatedDecision>;
}

/** Adds the decisions by place. */
export const byPlace = (found: Simulation): SimulationResult => ({
  ...found,
  byPlace: new Map(found.legs.map(({ leg, simulated }) => [legKey(leg), simulated])),
});

type Simulate = NonNullable<Reading["ports"]["simulate"]>;

async function simulateLegs(
  legs: readonly AuthorizationLeg[],
  { policySourceArn = "", isGuessed, userId }: CallerIdentity,
  simulate: Simulate,
  { question, signal }: Reading,
  report: Report<SimulationFinding, SimulationResult>,
): Promise<void> {
  // The verdict on the leg that AWS identified is known. It is simulated last, to show whether the simulator agrees.
  const isDenied = ({ resource }: AuthorizationLeg) => resource === question.refusal?.resource;
  const unknownFirst = [...legs.filter((leg) => !isDenied(leg)), ...legs.filter(isDenied)];
  const legAt = new Map(legs.map((leg) => [legKey(leg), leg]));
  const found: SimulatedLeg[] = [];
  try {
    for (const request of simulationRequests(policySourceArn, unknownFirst, question.policies, userId)) {
      const decisions = await simulate(request, signal);
      request.resources.forEach((resource, at) => {
        const leg = legAt.get(legKey({ ...request, resource }));
        const simulated = decisions[at];
        if (leg && simulated) found.push({ leg, simulated });
      });
      report.result(byPlace({ policySourceArn, isGuessed, legs: [...found] }));
    }
  } finally {
    const allowed = found.filter(({ simulated }) => simulated.decision === "allowed").length;
    const counts = { allowed, denied: found.length - allowed, open: legs.length - found.length };
    if (found.length > 0) report.finding({ code: "simulation", policySourceArn, ...counts });
  }
}

/** Distinguishes a leg from the others of its call. */
const legKey = ({ action, resource, region }: Pick<AuthorizationLeg, "action" | "resource" | "region">) =>
  `${action} ${region} ${resource}`;

/** Why a caller can't be simulated (IAM API Reference, "SimulatePrincipalPolicy": a user, group or role). */
function notSimulated(caller: CallerIdentity | undefined): SimulationUnavailable | undefined {
  if (caller === undefined) return "no-caller";
  const { type } = caller.principal;
  if (type === "root" || type === "federated-user") return type;
  if (caller.policySourceArn === undefined) return "role-path-unknown";
  return caller.policySourceArn.includes(":role/aws-service-role/") ? "service-linked-role" : undefined;
}
