import { isAccount, parseArn } from "./arn.js";

/** An identity that calls AWS, as parsed from its ARN. */
export interface Principal {
  arn: string;
  type: "assumed-role" | "role" | "user" | "federated-user" | "root" | "unknown";
  /** Absent if the ARN has a placeholder in place of the account ID. */
  accountId?: string;
  /** Role or user name, without path. */
  name?: string;
  /** Session name of an assumed role. It's often an email address. */
  sessionName?: string;
  /**
   * True if the ARN identifies the caller. Some messages, and tools that quote them, hide the account or the name.
   */
  isComplete: boolean;
}

/**
 * Parses a principal from its ARN (IAM User Guide, "IAM identifiers"). Parts that can't be parsed are absent. A
 * placeholder is never returned as an account ID.
 */
export function parsePrincipal(arn: string): Principal {
  const parts = partsOf(arn);
  const { type, accountId, name } = parts;
  const isComplete = type !== "unknown" && accountId !== undefined && (type === "root" || name !== undefined);
  return { ...parts, isComplete };
}

function partsOf(arn: string): Omit<Principal, "isComplete"> {
  const parts = parseArn(arn);
  if (!parts) return { arn, type: "unknown" };
  const [type = "", ...rest] = parts.resource.split("/");
  const account = isAccount(parts.accountId) ? { accountId: parts.accountId } : {};
  if (parts.resource === "root") return { arn, type: "root", ...account };
  if (type === "assumed-role") {
    const [name, ...session] = rest;
    return {
      arn,
      type,
      ...account,
      ...(name ? { name } : {}),
      ...(session.length > 0 ? { sessionName: session.join("/") } : {}),
    };
  }
  if (type === "role" || type === "user" || type === "federated-user") {
    const name = rest.at(-1);
    return { arn, type, ...account, ...(name ? { name } : {}) };
  }
  return { arn, type: "unknown", ...account };
}

/**
 * Returns true if a role belongs to IAM Identity Center. Such a role is under its own path, with or without the Region
 * of the identity store.
 */
export function isIdentityCenterRole(name: string): boolean {
  return name.startsWith("AWSReservedSSO_");
}
