import { asciiLower } from "../ascii.js";

// The error names that show by themselves whether an error can be a denial. They are separate from the message grammar
// because they are checked before the parser is loaded.

/**
 * Error names that mean that AWS denied the request, whatever the message contains. Lower case, without "Exception".
 */
export const DENIED_NAMES: ReadonlySet<string> = new Set([
  "accessdenied",
  "access_denied",
  "unauthorized",
  "unauthorizedoperation",
  "forbidden",
  "notauthorized",
  "permissiondenied",
]);

/**
 * Error names that never mean that AWS denied the request, whatever the message quotes: throttling, capacity, a failure
 * of the model, the caller's own network or abort, credentials that were not found. Lower case, without "Exception".
 */
const OTHER_FAILURES: ReadonlySet<string> = new Set([
  "throttling",
  "throttled",
  "toomanyrequests",
  "servicequotaexceeded",
  "modeltimeout",
  "modelerror",
  "modelstreamerror",
  "modelnotready",
  "internalserver",
  "serviceunavailable",
  "serialization",
  "conflict",
  "aborterror",
  "timeouterror",
  "credentialsprovidererror",
  "tokenprovidererror",
]);

/**
 * Returns true for the name of a failure that isn't a denial. Other SDKs wrap any failure into a `ModelError`, which
 * isn't AWS's ModelErrorException.
 */
export const isOtherFailure = (name: string): boolean => name !== "ModelError" && OTHER_FAILURES.has(nameKey(name));

/** The last name and its key. Parsing one error needs the key of its name several times. */
let latest = { name: "", key: "" };

/** Returns a name in the form that the tables use: lower case, without "Exception". */
export function nameKey(name: string): string {
  if (name !== latest.name) latest = { name, key: withoutException(asciiLower(name)) };
  return latest.key;
}

const withoutException = (lower: string) => (lower.endsWith("exception") ? lower.slice(0, -"exception".length) : lower);
