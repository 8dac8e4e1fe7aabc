/**
 * The values of one context key. `null` means that the key is known to be absent from the request. `undefined` means
 * that it's unknown. `oneOf` means that the value is one of these, but it's unknown which one.
 */
export type ContextValue = readonly string[] | null | undefined | { readonly oneOf: readonly (readonly string[])[] };

/** The key is in the request, but its value is unknown. */
export const PRESENT: ContextValue = { oneOf: [] };

/** Returns true if the value of a key is unknown, even if the key is known to be in the request. */
export const isUnknown = (value: ContextValue): boolean => value === undefined || (value !== null && "oneOf" in value);

/** The known part of a request's context. Keys are in lower case, because AWS doesn't distinguish case in them. */
export interface RequestContext {
  get(key: string): ContextValue;
}
