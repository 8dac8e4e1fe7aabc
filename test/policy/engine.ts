import { evaluateLeg } from "../../src/policy/evaluation/evaluate.js";
import type { AccessPolicies, PolicyInput, PolicyLayer } from "../../src/policy/evaluation/layers.js";
import { applyTo, compilePolicies } from "../../src/policy/evaluation/policy-set.js";
import { parsePolicy } from "../../src/policy/language/document.js";
import type { NaiveDocument } from "./naive.js";
import { type LayerKind, type NaiveOrganization, namesOf } from "./naive-organization.js";

const inputs = (documents: NaiveDocument[]): PolicyInput[] =>
  documents.map((document, index) => ({ name: `policy-${index}`, document }));

/** The engine's verdict on an organization. Bundled by itself where the engine is mutated. */
export function engineVerdict({ caller, leg, given, unknownContext, now, layers }: NaiveOrganization) {
  const of = (kind: LayerKind) => layers.filter((layer) => layer.kind === kind).map(({ documents }) => documents);
  const levels = (kind: LayerKind) =>
    of(kind).map((documents, at) => ({ level: `level-${at}`, policies: inputs(documents ?? []) }));
  const [identity] = of("identity");
  const [boundary] = of("boundary").flatMap((documents) => inputs(documents ?? []));
  const [vpcEndpoint] = of("endpoint").flatMap((documents) => inputs(documents ?? []));
  const [session] = of("session");
  const policies: AccessPolicies = {
    ...(identity ? { identity: inputs(identity) } : {}),
    ...(levels("service-control").length > 0 ? { serviceControl: levels("service-control") } : {}),
    ...(levels("resource-control").length > 0 ? { resourceControl: levels("resource-control") } : {}),
    ...(boundary ? { boundary } : {}),
    ...(session ? { session: inputs(session) } : {}),
    ...(vpcEndpoint ? { vpcEndpoint } : {}),
  };
  const knowledge = compilePolicies({ ...policies, context: given, unknownContext }, "policies");
  const [arn] = namesOf(caller);
  const applied = applyTo(knowledge, arn, () => now * 1_000 + 400);
  const { profileArn, ...rest } = leg;
  const asked = { ...rest, stage: "model" as const, ...(profileArn ? { inferenceProfileArn: profileArn } : {}) };
  return evaluateLeg(
    [...applied.layers, ...of("resource").map((documents) => resourceLayer(documents ?? []))],
    asked,
    applied.known,
  ).verdict;
}

function resourceLayer(documents: NaiveDocument[]): PolicyLayer {
  const policies = inputs(documents).map(({ name, document }) => ({
    name,
    document: parsePolicy(document, "resource-based-policy", name),
  }));
  return { type: "resource-based-policy", policies, provided: true };
}
