import { defined } from "../defined.js";

/** The fields of an SDK's error that are logged. A field is absent if it can't be read. */
export interface ErrorFields {
  name?: string;
  message?: string;
  stack?: string;
  code?: string | number;
  requestId?: string;
  status?: number;
}

/** Reads an error whose getters may throw. Never throws. */
export function errorFieldsOf(error: unknown): ErrorFields {
  const metadata = field(error, "$metadata");
  const status = field(metadata, "httpStatusCode") ?? field(error, "status") ?? field(error, "statusCode");
  const code = field(error, "code");
  const fields = {
    name: nameOfError(error),
    message: stringOrUndefined(field(error, "message")),
    stack: stringOrUndefined(field(error, "stack")),
    code: typeof code === "number" ? code : stringOrUndefined(code),
    requestId: stringOrUndefined(field(metadata, "requestId") ?? field(error, "requestId")),
    status: typeof status === "number" ? status : undefined,
  };
  return defined(fields);
}

/** Returns an error's `name`. Undefined if it isn't text or can't be read. Never throws. */
export const nameOfError = (error: unknown): string | undefined => stringOrUndefined(field(error, "name"));

function field(object: unknown, key: string): unknown {
  try {
    return (object as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

const stringOrUndefined = (value: unknown) => (typeof value === "string" ? value : undefined);
