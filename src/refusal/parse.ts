import type { DenyKind, PolicyType, RefusalKind } from "./kinds.js";

export interface ParsedRefusal {
  raw: string;
  kind: RefusalKind;
  principal?: string;
  action?: string;
  resource?: string;
  region?: string;
  modelId?: string;
  policyType?: PolicyType;
  policyArn?: string;
  denyKind?: DenyKind;
  errorName?: string;
  httpStatus?: number;
  authorizationId?: string;
}
export function parseRefusal(_error: unknown): ParsedRefusal | null {
  return null;
}
