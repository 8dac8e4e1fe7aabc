/** An ARN of Amazon Bedrock, IAM, or AWS STS. A period or comma at its end belongs to the sentence. */
const ARN =
  /\barn:[a-z-]{1,20}:(bedrock|iam|sts):([a-z0-9-]{0,30}):(\d{0,12}):([a-z-]{1,40})\/([\w+=@.:/-]{1,300}?)(?=[.,:;)]*(?:\s|$))/g;

const KIND: ReadonlyMap<string, string> = new Map([
  ["foundation-model", "model"],
  ["inference-profile", "inference profile"],
  ["application-inference-profile", "inference profile"],
  ["guardrail", "guardrail"],
  ["guardrail-profile", "guardrail profile"],
  ["role", "role"],
  ["user", "user"],
]);

/** Returns a sentence with words instead of ARNs: `model M in us-east-2`. Other ARNs stay as they are. */
export function withoutArns(sentence: string): string {
  return sentence.replace(ARN, (arn, service: string, region: string, account: string, type: string, id: string) => {
    // The name of a session is often an email address.
    if (type === "assumed-role") return `role ${id.split("/")[0]} (account ${account})`;
    const kind = KIND.get(type);
    if (kind === undefined) return arn;
    if (service !== "bedrock") return `${kind} ${id} (account ${account})`;
    return `${kind} ${id}${region === "" ? " (global routing)" : ` in ${region}`}`;
  });
}
