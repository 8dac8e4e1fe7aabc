import type { Layer } from "./layers.js";

/** What policies name, each as one example without wildcards: what no policy names, none treats on its own. */
export interface Vocabulary {
  regions: string[];
  /** The last part of foundation models' ARNs. */
  modelIds: string[];
  profileArns: string[];
  roleArns: string[];
  actions: string[];
}

/** More examples of one kind aren't looked at. */
const MOST = { regions: 8, modelIds: 6, profileArns: 6, roleArns: 4, actions: 12 };

/** Collects what the policies name: a request that only one of them treats on its own has to be among those tested. */
export function vocabularyOf(layers: readonly Layer[]): Vocabulary {
  const regions = new Set<string>();
  const modelIds = new Set<string>();
  const profileArns = new Set<string>();
  const roleArns = new Set<string>();
  const actions = new Set<string>();
  const byKey: Record<string, Set<string>> = {
    "aws:requestedregion": regions,
    "bedrock:inferenceprofilearn": profileArns,
    "aws:principalarn": roleArns,
  };
  for (const { policies } of layers) {
    for (const { document } of policies) {
      for (const { conditions, resource, action } of document.statements) {
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
    }
  }
  for (const arn of profileArns) {
    const model = /:inference-profile\/[^.]+\.(.+)$/.exec(arn)?.[1];
    if (model !== undefined) modelIds.add(model);
  }
  return {
    regions: [...regions].filter((region) => /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)).slice(0, MOST.regions),
    modelIds: [...modelIds].slice(0, MOST.modelIds),
    profileArns: [...profileArns].filter((arn) => arn.startsWith("arn:")).slice(0, MOST.profileArns),
    roleArns: [...roleArns].filter((arn) => /^arn:[^:]+:iam::\d{12}:(role|user)\//.test(arn)).slice(0, MOST.roleArns),
    actions: [...actions].filter((action) => !action.startsWith(":")).slice(0, MOST.actions),
  };
}

/** One text that a pattern matches. An account or a Region has to look like one. */
const example = (pattern: string): string =>
  pattern
    .replace(/\$\{[^}]*\}/g, "x")
    .replace(/^arn:\*:/, "arn:aws:")
    .replace(/^(arn:[^:]+:iam::)\*?:/, "$1111122223333:")
    .replace(/^(arn:[^:]+:bedrock:)\*:/, "$1us-east-1:")
    .replace(/^(arn:[^:]+:bedrock:[^:]*:)\*:/, "$1111122223333:")
    .replaceAll("*", "x")
    .replaceAll("?", "x");
