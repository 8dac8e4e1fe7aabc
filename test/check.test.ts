import { describe, expect, it } from "vitest";
import { type Check, count, flag, listOf, mapOf, optional, settings, valid } from "../src/check.js";

interface Options {
  rate?: number;
  name: string;
}

const text: Check<string, string> = valid((value) => typeof value === "string", "a text", "none");
const check = (value: unknown) => settings(value as Options | undefined, "top", { rate: count(1, 9), name: text });

describe("settings", () => {
  it("contain each field of the interface, with its default, and are frozen", () => {
    expect(check(undefined)).toEqual({ rate: 1, name: "none" });
    expect(check({ rate: 3 })).toEqual({ rate: 3, name: "none" });
    expect(check({})).toSatisfy(Object.isFrozen);
  });

  it("have the types that the checks return", () => {
    const { rate, name } = check({});
    const typed: [number, string] = [rate, name];
    expect(typed).toEqual([1, "none"]);
    const made = check({});
    const change = () => {
      // @ts-expect-error A setting can't be changed.
      made.rate = 2;
    };
    expect(change).toThrow(TypeError);
  });

  it("need a table that has exactly the fields of the interface. The compiler checks it", () => {
    const given = {} as Options;
    // @ts-expect-error The check of "name" is missing.
    settings(given, "top", { rate: count(1, 9) });
    // @ts-expect-error The interface has no field "size".
    settings(given, "top", { rate: count(1, 9), name: text, size: count(1, 9) });
    // @ts-expect-error The interface declares a number.
    settings(given, "top", { rate: flag(true), name: text });
    expect(Object.keys(check({}))).toEqual(["rate", "name"]);
  });

  it.each<[unknown, string]>([
    [{ rates: 1 }, "Unknown option top.rates. Valid options: rate, name."],
    [{ ["x".repeat(200)]: 1 }, `Unknown option top.${"x".repeat(96)}…. Valid options: rate, name.`],
    [{ "rate\u202e": 1 }, "Unknown option top.rate\\u202e. Valid options: rate, name."],
    [{ constructor: 1 }, "Unknown option top.constructor. Valid options: rate, name."],
    [{ rate: 10 }, "top.rate must be a whole number from 0 to 9; it is 10."],
    [{ rate: "1" }, 'top.rate must be a whole number from 0 to 9; it is "1".'],
    [{ rate: 1n }, "top.rate must be a whole number from 0 to 9; it is 1."],
    [{ rate: "a".repeat(50) }, `it is "${"a".repeat(40)}…".`],
    [{ rate: "\u0000\u202e\u{e0001}" }, 'it is "\\u0000\\u202e\\udb40\\udc01".'],
    [{ rate: Symbol("\u200b") }, "it is Symbol(\\u200b)."],
    [{ rate: () => "secret" }, "it is a function."],
    [{ rate: { a: "secret" } }, "it is an object."],
    [[], "top must be an object; it is an array."],
    [null, "top must be an object; it is null."],
  ])("aren't made from a wrong value: %#", (value, message) => {
    expect(() => check(value)).toThrow(TypeError);
    expect(() => check(value)).toThrow(message);
  });
});

describe("checks of lists and maps", () => {
  const words = listOf((word) => /^[a-z]+$/.test(word), "a list of words", "a word");

  it("return frozen copies", () => {
    const given = ["a", "b"];
    expect(words(given, "list")).toEqual(given);
    expect(words(given, "list")).not.toBe(given);
    expect(words(given, "list")).toSatisfy(Object.isFrozen);
    expect(mapOf(words)({ x: given }, "map")).toSatisfy(Object.isFrozen);
  });

  it("don't take an inherited name for an ID", () => {
    expect(mapOf(text)({ a: "b" }, "map").constructor).toBeUndefined();
  });

  it.each<[() => unknown, string]>([
    [() => words("a" as never, "list"), 'list must be a list of words; it is "a".'],
    [() => words(["a", "B"], "list"), 'list[1] must be a word; it is "B".'],
    [() => words([null] as never, "list"), "list[0] must be a word; it is null."],
    [() => mapOf(words)({ "x\n": ["1"] }, "map"), 'map["x\\n"][0] must be a word; it is "1".'],
    [() => mapOf(words)([] as never, "map"), "map must be an object; it is an array."],
    [() => optional(words)(null as never, "list"), "list must be a list of words; it is null."],
  ])("identify the wrong item: %#", (run, message) => {
    expect(run).toThrow(message);
  });
});
