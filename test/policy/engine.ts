import { evaluateLeg } from "../../src/policy/evaluate.js";
import { compileLayers, layersFor, type PolicyInput } from "../../src/policy/layers.js";
import { callerOf, readContext } from "../../src/policy/request.js";
import type { RandomCase } from "./generators.js";
import type { NaiveDocument } from "./naive.js";

const inputs = (documents: NaiveDocument[]): PolicyInput[] =>
  documents.map((document, index) => ({ name: `policy-${index}`, document }));

/** The engine's verdict on a random case. Bundled by itself where the engine is mutated. */
export function engineVerdict({ identity, levels, boundary, session, request }: RandomCase) {
  const caller = callerOf("arn:aws:iam::111122223333:role/App");
  const [boundaryPolicy] = boundary ? inputs(boundary) : [];
  const layers = compileLayers({
    ...(identity ? { identity: inputs(identity) } : {}),
    ...(levels.length > 0
      ? { serviceControl: levels.map((documents, at) => ({ level: `level-${at}`, policies: inputs(documents) })) }
      : {}),
    ...(boundaryPolicy ? { boundary: boundaryPolicy } : {}),
    ...(session ? { session: inputs(session) } : {}),
  });
  const { "aws:requestedregion": region, "bedrock:inferenceprofilearn": profile, ...context } = request.context;
  const leg = {
    stage: "model" as const,
    action: request.action,
    resource: request.resource,
    region: region?.[0] ?? "",
    ...(profile?.[0] === undefined ? {} : { inferenceProfileArn: profile[0] }),
  };
  const known = { caller, context: readContext(context), unknownContext: "unknown" as const, otherRoleArns: [] };
  return evaluateLeg(layersFor(layers, caller, undefined), leg, known).verdict;
}
