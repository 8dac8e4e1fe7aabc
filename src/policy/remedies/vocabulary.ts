import { PRINCIPAL_ARN, PROFILE_KEY, REGION_KEY } from "../../authorization.js";
import type { PolicyLayer } from "../evaluation/layers.js";

/**
 * The names that policies contain, each as one example without wildcards. Policies treat all names that they don't
 * contain in the same way.
 */
export interface Vocabulary {
  regions: string[];
  /** The last part of the ARNs of foundation models. */
  modelIds: string[];
  profileArns: string[];
  roleArns: string[];
  actions: string[];
}

/** The maximum number of examples of each kind. */
const MOST_VALUES = { regions: 8, modelIds: 6, profileArns: 6, roleArns: 4, actions: 12 };

/**
 * Collects the names in the policies. If only one policy treats a request differently, that request must be among those
 * tested.
 */
export function vocabularyOf(layers: readonly PolicyLayer[]): Vocabulary {
  const regions = new Set<string>();
  const modelIds = new Set<string>();
  const profileArns = new Set<string>();
  const roleArns = new Set<string>();
  const actions = new Set<string>();
  const byKey: Record<string, Set<string>> = {
    [REGION_KEY]: regions,
    [PROFILE_KEY]: profileArns,
    [PRINCIPAL_ARN]: roleArns,
  };
  const statements = layers.flatMap(({ policies }) => policies.flatMap(({ document }) => document.statements));
  for (const { conditions, resource, action } of statements) {
    for (const { key, values } of conditions) {
      const named = byKey[key.toLowerCase()];
      for (const value of named ? values : []) named?.add(example(value));
    }
    for (const text of resource?.texts ?? []) {
      const model = /:foundation-model\/(.+)$/.exec(text)?.[1];
      if (model !== undefined) modelIds.add(example(model));
      if (/inference-profile\//.test(text)) profileArns.add(example(text));
    }
    for (const text of action?.texts ?? []) if (text.includes(":")) actions.add(example(text));
  }
  for (const arn of profileArns) {
    const model = /:inference-profile\/[^.]+\.(.+)$/.exec(arn)?.[1];
    if (model !== undefined) modelIds.add(model);
  }
  return {
    regions: [...regions].filter((region) => /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)).slice(0, MOST_VALUES.regions),
    modelIds: [...modelIds].slice(0, MOST_VALUES.modelIds),
    profileArns: [...profileArns].filter((arn) => arn.startsWith("arn:")).slice(0, MOST_VALUES.profileArns),
    roleArns: [...roleArns]
      .filter((arn) => /^arn:[^:]+:iam::\d{12}:(role|user)\//.test(arn))
      .slice(0, MOST_VALUES.roleArns),
    actions: [...actions].filter((action) => !action.startsWith(":")).slice(0, MOST_VALUES.actions),
  };
}

/** Returns one text that a pattern matches. It has a realistic account and Region. */
const example = (pattern: string): string =>
  pattern
    .replace(/\$\{[^}]*\}/g, "x")
    .replace(/^arn:\*:/, "arn:aws:")
    .replace(/^(arn:[^:]+:iam::)\*?:/, "$1111122223333:")
    .replace(/^(arn:[^:]+:bedrock:)\*:/, "$1us-east-1:")
    .replace(/^(arn:[^:]+:bedrock:[^:]*:)\*:/, "$1111122223333:")
    .replaceAll("*", "x")
    .replaceAll("?", "x");
