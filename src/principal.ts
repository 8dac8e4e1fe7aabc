import { parseArn } from "./arn.js";

/** An identity that calls AWS, as its ARN tells. */
export interface Principal {
  arn: string;
  type: "assumed-role" | "role" | "user" | "federated-user" | "root" | "unknown";
  /** Absent where the ARN hides it behind a placeholder. */
  accountId?: string;
  /** Role or user name, without path. */
  name?: string;
  /** Session name of an assumed role: often an e-mail address. */
  sessionName?: string;
}

/**
 * Reads the principal out of its ARN (IAM User Guide, "IAM identifiers"). What cannot be read is absent; an account id
 * that is no account id (a placeholder) is never taken for one.
 */
export function parsePrincipal(arn: string): Principal {
  const parts = parseArn(arn);
  if (!parts) return { arn, type: "unknown" };
  const [type = "", ...rest] = parts.resource.split("/");
  const account = /^\d{12}$/.test(parts.accountId) ? { accountId: parts.accountId } : {};
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

/** Whether a role is one of IAM Identity Center: under a path of its own, with or without the Region of the identity store. */
export function isIdentityCenterRole(name: string): boolean {
  return name.startsWith("AWSReservedSSO_");
}

/** Whether a principal shows who calls: some messages, and the tools that quote them, hide the account or the name. */
export function isWhole({ type, accountId, name }: Principal): boolean {
  return type !== "unknown" && accountId !== undefined && (type === "root" || name !== undefined);
}
