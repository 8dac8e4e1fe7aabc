import { type Outcome, outcomeOf } from "../outcome.js";
import { type Operator, withNegation } from "./operator.js";

/** The W3C's profile of ISO 8601: from `2026-08` to `2026-08-21T10:30:00.5+02:00`. */
const ISO = /^(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d))?)?$/;

/**
 * Seconds since 1970. More than eleven digits would be milliseconds, and four digits may be a year. Neither is
 * accepted, because the meaning would be a guess.
 */
const EPOCH = /^\d{5,11}(?:\.\d{1,9})?$/;

/** Returns milliseconds since 1970, or undefined if the text isn't a date in one of these formats. */
function epochOf(text: string): number | undefined {
  if (EPOCH.test(text)) return Number(text) * 1_000;
  const found = ISO.exec(text);
  if (!found) return undefined;
  const [, year, month, day = "01", hour = "00", minute = "00", second = "00", fraction = "0", zone = "Z"] = found;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // Rejects a date such as 30 February, which JavaScript changes to a date in March.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const ofDay = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second) + Number(`0.${fraction}`)) * 1_000;
  return date.getTime() + ofDay - offsetOf(zone);
}

function offsetOf(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

const date = (holds: (time: number, limit: number) => boolean): Omit<Operator, "negated"> => ({
  variables: false,
  wildcards: false,
  compile: (wanted) => {
    const limit = epochOf(wanted);
    if (limit === undefined) return undefined;
    return (value): Outcome => {
      const time = epochOf(value);
      return time === undefined ? "unknown" : outcomeOf(holds(time, limit));
    };
  },
});

const plainDate = (holds: (time: number, limit: number) => boolean): Operator => ({ ...date(holds), negated: false });

/** IAM User Guide, "Condition operators", "Date condition operators". */
export const DATE_OPERATORS: readonly (readonly [string, Operator])[] = [
  ...withNegation(
    "DateEquals",
    "DateNotEquals",
    date((time, limit) => time === limit),
  ),
  ["DateLessThan", plainDate((time, limit) => time < limit)],
  ["DateLessThanEquals", plainDate((time, limit) => time <= limit)],
  ["DateGreaterThan", plainDate((time, limit) => time > limit)],
  ["DateGreaterThanEquals", plainDate((time, limit) => time >= limit)],
];
