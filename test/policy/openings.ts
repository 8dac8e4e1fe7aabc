import type { AuthorizationLeg } from "../../src/authorization.js";
import type { NaiveRequest } from "./naive.js";

// What an edit may open, written down by hand: requests that aren't part of a call. Shares nothing with
// src/policy/remedies/guards.

export const ACCOUNT = "111122223333";
export const CALLER = `arn:aws:iam::${ACCOUNT}:role/App`;
const OTHERS = [`arn:aws:iam::${ACCOUNT}:role/Batch`, `arn:aws:iam::${ACCOUNT}:role/Admin`];
const REGIONS = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "sa-east-1"];
const SAME_PROVIDER = "anthropic.claude-3-haiku-20240307-v1:0";
const MODELS = [SAME_PROVIDER, "meta.llama3-3-70b-instruct-v1:0", "cohere.command-r-v1:0"];
const bedrock = (region: string, account: string, resource: string) =>
  `arn:aws:bedrock:${region}:${account}:${resource}`;
const modelIn = (region: string, id: string) => bedrock(region, "", `foundation-model/${id}`);

export interface Elsewhere {
  /** One of these has to be in `opens` if the request is opened. */
  kinds: string[];
  principal: string;
  leg: Omit<AuthorizationLeg, "stage">;
}

/** Requests that aren't the call's, each with the kinds that it is one of. */
export function requestsBeside(legs: readonly AuthorizationLeg[], own: string): Elsewhere[] {
  const [first] = legs;
  if (first === undefined) return [];
  const { action } = first;
  const profile = legs.find(({ stage }) => stage === "profile")?.resource;
  const geography = profile === undefined ? "" : (/:inference-profile\/(\w+)\./.exec(profile)?.[1] ?? "application");
  const inCall = new Set(legs.map(({ region }) => region));
  const found: Elsewhere[] = [];
  const beside = (kinds: string[], leg: Omit<AuthorizationLeg, "stage">, principal = CALLER) =>
    found.push({ kinds, principal, leg });
  for (const region of REGIONS) {
    // Directly: this model, others, and those that aren't foundation models.
    if (profile !== undefined && own !== "")
      beside(["direct-call"], { action, resource: modelIn(region, own), region });
    if (profile === undefined && own !== "" && !inCall.has(region))
      beside(["other-source-region"], { action, resource: modelIn(region, own), region });
    for (const id of MODELS) {
      const kinds = profile === undefined ? ["other-model"] : ["other-model", "direct-call"];
      beside(kinds, { action, resource: modelIn(region, id), region });
    }
    for (const resource of [
      "provisioned-model/q1w2e3r4t5y6",
      "imported-model/q1w2e3r4t5y6",
      "custom-model-deployment/q1w2e3r4t5y6",
    ])
      beside(["other-model", "direct-call"], { action, resource: bedrock(region, ACCOUNT, resource), region });
    // Other actions and services.
    beside(["other-bedrock-action"], {
      action: "bedrock:InvokeAgent",
      resource: bedrock(region, ACCOUNT, "agent-alias/q/w"),
      region,
    });
    beside(["other-bedrock-action"], {
      action: "bedrock:CreateModelInvocationJob",
      resource: modelIn(region, own || SAME_PROVIDER),
      region,
    });
    beside(["other-service"], {
      action: "ec2:RunInstances",
      resource: `arn:aws:ec2:${region}:${ACCOUNT}:instance/*`,
      region,
    });
    beside(["other-service"], {
      action: "dynamodb:GetItem",
      resource: `arn:aws:dynamodb:${region}:${ACCOUNT}:table/q`,
      region,
    });
    // Through other profiles.
    for (const other of ["us", "eu", "apac"]) {
      if (other === geography) continue;
      const id = own || SAME_PROVIDER;
      const kinds = [
        ...(geography === "application" ? ["other-profile"] : []),
        "other-geography",
        ...(own ? [] : ["other-model"]),
      ];
      const arn = bedrock("us-east-1", ACCOUNT, `inference-profile/${other}.${id}`);
      beside(kinds, { action, resource: modelIn(region, id), region, inferenceProfileArn: arn });
      beside(kinds, { action, resource: bedrock(region, ACCOUNT, `inference-profile/${other}.${id}`), region });
    }
    if (profile !== undefined && region !== "us-east-1")
      beside(["other-source-region"], { action, resource: profile.replace(":us-east-1:", `:${region}:`), region });
  }
  for (const region of inCall) {
    if (region === "unspecified") continue;
    // The other models, and this one, through profiles like the call's.
    for (const id of geography === "" || geography === "application" ? [] : MODELS) {
      const arn = bedrock("us-east-1", ACCOUNT, `inference-profile/${geography}.${id}`);
      beside(["other-model"], { action, resource: modelIn(region, id), region, inferenceProfileArn: arn });
      beside(["other-model"], {
        action,
        resource: bedrock(region, ACCOUNT, `inference-profile/${geography}.${id}`),
        region,
      });
    }
    const application = bedrock("us-east-1", ACCOUNT, "application-inference-profile/q1w2e3r4t5y6");
    if (own)
      beside(["other-profile"], { action, resource: modelIn(region, own), region, inferenceProfileArn: application });
    beside(["other-profile"], { action, resource: application, region: "us-east-1" });
  }
  if (!inCall.has("unspecified")) {
    const id = own || SAME_PROVIDER;
    const arn = bedrock("us-east-1", ACCOUNT, `inference-profile/global.${id}`);
    beside(["global-routing"], { action, resource: modelIn("", id), region: "unspecified", inferenceProfileArn: arn });
  }
  for (const leg of legs) {
    beside(["other-bedrock-action"], { ...leg, action: "bedrock:InvokeModelWithResponseStream" });
    beside(["other-bedrock-action"], { ...leg, action: "bedrock:CreateModelInvocationJob" });
    for (const principal of OTHERS) beside(["other-principal"], leg, principal);
  }
  return found;
}

export function naiveRequest(
  { action, resource, region, inferenceProfileArn }: Omit<AuthorizationLeg, "stage">,
  principal: string,
  context: Record<string, string[] | null>,
): NaiveRequest {
  return {
    action,
    resource,
    context: {
      ...context,
      "aws:requestedregion": [region],
      "aws:principalarn": [principal],
      "bedrock:inferenceprofilearn": inferenceProfileArn === undefined ? null : [inferenceProfileArn],
    },
  };
}
