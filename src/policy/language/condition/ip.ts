import { type Outcome, outcomeOf } from "../outcome.js";
import { type Operator, withNegation } from "./operator.js";

interface Address {
  bits: 32 | 128;
  value: bigint;
}

/** Of 255.255.255.255, without leading zeros. */
const BYTE = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
const GROUP = /^[\da-f]{1,4}$/i;

function addressOf(text: string): Address | undefined {
  if (!text.includes(":")) {
    const bytes = addressBytes(text);
    return bytes && { bits: 32, value: numberOf(bytes, 8n, 10) };
  }
  const groups = groupsOf(withoutDots(text));
  return groups && { bits: 128, value: numberOf(groups, 16n, 16) };
}

function addressBytes(text: string): string[] | undefined {
  const bytes = text.split(".");
  return bytes.length === 4 && bytes.every((byte) => BYTE.test(byte)) ? bytes : undefined;
}

/** Returns the eight groups of an IPv6 address. An address in a policy can't contain a zone (`fe80::1%eth0`). */
function groupsOf(text: string): string[] | undefined {
  const [head = [], tail, more] = text.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const zeros = 8 - head.length - (tail?.length ?? 0);
  if (more !== undefined || (tail === undefined ? zeros !== 0 : zeros < 1)) return undefined;
  const groups = [...head, ...Array<string>(zeros).fill("0"), ...(tail ?? [])];
  return groups.every((group) => GROUP.test(group)) ? groups : undefined;
}

/** Converts `::ffff:192.0.2.1` so that its last four bytes are two groups. */
function withoutDots(text: string): string {
  const at = text.lastIndexOf(":") + 1;
  const bytes = addressBytes(text.slice(at));
  if (bytes === undefined) return text;
  const value = numberOf(bytes, 8n, 10);
  return `${text.slice(0, at)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

const numberOf = (groups: string[], bits: bigint, radix: number) =>
  groups.reduce((value, group) => (value << bits) | BigInt(Number.parseInt(group, radix)), 0n);

interface Range extends Address {
  prefix: number;
  /**
   * True if the value has no prefix. The page documents only the default prefix /32, which is one IPv4 address. It
   * doesn't document a default for IPv6.
   */
  unsaid: boolean;
}

function rangeOf(text: string): Range | undefined {
  const slash = text.indexOf("/");
  const address = addressOf(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { ...address, prefix: 32, unsaid: address.bits === 128 };
  const length = text.slice(slash + 1);
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return prefix <= address.bits ? { ...address, prefix, unsaid: false } : undefined;
}

function isWithin(address: Address, range: Range): Outcome {
  // AWS doesn't document whether an IPv4-mapped IPv6 address counts as an IPv4 address.
  if (address.bits !== range.bits) return isMapped(address) || isMapped(range) ? "unknown" : "no match";
  if (address.value === range.value) return "match";
  const shift = BigInt(range.bits - range.prefix);
  const inside = address.value >> shift === range.value >> shift;
  return inside && range.unsaid ? "unknown" : outcomeOf(inside);
}

const isMapped = ({ bits, value }: Address) => bits === 128 && value >> 32n === 0xffffn;

/** IAM User Guide, "Condition operators", "IP address condition operators". */
export const IP_OPERATORS: readonly (readonly [string, Operator])[] = withNegation("IpAddress", "NotIpAddress", {
  variables: false,
  wildcards: false,
  compile: (wanted) => {
    const range = rangeOf(wanted);
    if (range === undefined) return undefined;
    return (value): Outcome => {
      const address = addressOf(value);
      return address === undefined ? "unknown" : isWithin(address, range);
    };
  },
});
