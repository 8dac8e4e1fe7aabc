import { type Outcome, outcomeOf } from "../outcome.js";
import { type Operator, withNegation } from "./operator.js";

/** A decimal number as an integer and an exponent: 12.50 is 125 · 10^-1. Exact at any length. */
interface Decimal {
  digits: bigint;
  scale: number;
}

/** The maximum length of a number. A longer number isn't a realistic quantity and would only take time. */
const LONGEST_NUMBER = 100;

function decimalOf(text: string): Decimal | undefined {
  const found = text.length <= LONGEST_NUMBER ? /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text) : null;
  if (!found) return undefined;
  const [, sign, whole = "", fraction = ""] = found;
  const digits = BigInt(whole + fraction);
  return { digits: sign === "-" ? -digits : digits, scale: fraction.length };
}

function compareDecimals(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const scale = Math.max(a.scale, b.scale);
  const left = a.digits * 10n ** BigInt(scale - a.scale);
  const right = b.digits * 10n ** BigInt(scale - b.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

const numeric = (holds: (order: -1 | 0 | 1) => boolean): Omit<Operator, "negated"> => ({
  variables: false,
  wildcards: false,
  compile: (wanted) => {
    const limit = decimalOf(wanted);
    if (limit === undefined) return undefined;
    return (value): Outcome => {
      const number = decimalOf(value);
      return number === undefined ? "unknown" : outcomeOf(holds(compareDecimals(number, limit)));
    };
  },
});

const plainNumber = (holds: (order: -1 | 0 | 1) => boolean): Operator => ({ ...numeric(holds), negated: false });

/** IAM User Guide, "Condition operators", "Numeric condition operators". */
export const NUMERIC_OPERATORS: readonly (readonly [string, Operator])[] = [
  ...withNegation(
    "NumericEquals",
    "NumericNotEquals",
    numeric((order) => order === 0),
  ),
  ["NumericLessThan", plainNumber((order) => order < 0)],
  ["NumericLessThanEquals", plainNumber((order) => order <= 0)],
  ["NumericGreaterThan", plainNumber((order) => order > 0)],
  ["NumericGreaterThanEquals", plainNumber((order) => order >= 0)],
];
