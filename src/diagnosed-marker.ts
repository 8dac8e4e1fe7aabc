/** Set to true on every diagnosed error. `Symbol.for` makes it the same symbol in all copies of this package. */
export const DIAGNOSED_MARKER: unique symbol = Symbol.for("resilient-bedrock.diagnosed");
