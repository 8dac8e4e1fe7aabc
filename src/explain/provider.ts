import type { Conclusion } from "../diagnosis.js";

/** Whether a model of the call is known to be Anthropic's: by its ID, or by the models of its inference profile. */
export function isAnthropics({ modelId, refusal, legs, profile }: Conclusion): boolean {
  const models = profile?.models.map((model) => model.arn) ?? [];
  const ids = [modelId, refusal?.modelId ?? "", ...legs.map(({ leg }) => leg.resource), ...models];
  return ids.some((id) => /(?:^|[./])anthropic\./.test(id));
}
