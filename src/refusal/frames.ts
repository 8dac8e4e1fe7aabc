import { parseArn } from "../arn.js";
import type { RefusalKind } from "./kinds.js";
import type { TextView } from "./text-view.js";
import { token } from "./tokens.js";

/** The text that a service adds to a model's error when it calls the model on a customer's behalf. */
export interface Frame {
  /** Present if the frame itself states that IAM denies the call, and doesn't contain another message. */
  kind?: RefusalKind;
  says: { principal?: string; resource?: string; modelId?: string };
}

/**
 * Reads the frames in which Knowledge Bases and Agents for Amazon Bedrock report that their role can't call a model:
 *
 *     Knowledge base role ROLE is not able to call specified bedrock embedding model MODEL: …
 *     Access denied while trying to create/update an agent using InferenceProfile PROFILE. Ensure Agent role has …
 */
export function readFrame(view: TextView): Frame | undefined {
  return readKnowledgeBase(view) ?? readAgent(view);
}

function readKnowledgeBase(view: TextView): Frame | undefined {
  const role = view.find("knowledge base role");
  const call = role && view.find("is not able to call", role.end);
  const model = call && view.find("model", call.end);
  if (!role || !call || !model) return undefined;
  const principal = view.text.slice(role.end, call.start).replaceAll("\n", "").trim();
  const resource = token(view.text, model.end).replace(/[.:]+$/, "");
  return {
    says: {
      ...(principal.startsWith("arn:") ? { principal } : {}),
      ...(parseArn(resource) ? { resource } : {}),
    },
  };
}

function readAgent(view: TextView): Frame | undefined {
  const attempt = view.find("access denied while trying to");
  const using = attempt && view.find("an agent using inferenceprofile", attempt.end);
  if (!using) return undefined;
  const profile = token(view.text, using.end);
  const arn = parseArn(profile);
  const role = /\barn:[^:\s]*:iam::[^:\s]*:role\/[\w+=,.@/-]*\w/.exec(
    view.text.slice(using.end, using.end + 2_000),
  )?.[0];
  return {
    kind: "iam-denied",
    says: {
      ...(role ? { principal: role } : {}),
      ...(arn ? { resource: profile } : profile === "" ? {} : { modelId: profile }),
    },
  };
}
