/**
 * The value of one context key: its values; `null` where the key is known to be absent from the request; `undefined`
 * where nobody knows. `oneOf`: it is one of these, and nobody knows which.
 */
export type ContextValue = readonly string[] | null | undefined | { readonly oneOf: readonly (readonly string[])[] };

/** The key is in the request, but its value is unknown. */
export const PRESENT: ContextValue = { oneOf: [] };

/** True if the value of a key is unknown, even if the key is known to be in the request. */
export const isUnknown = (value: ContextValue): boolean => value === undefined || (value !== null && "oneOf" in value);

/** What is known of a request's context. Keys are in lower case: AWS does not tell case apart in them. */
export interface RequestContext {
  get(key: string): ContextValue;
}
