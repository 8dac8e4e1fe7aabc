import type { PolicyInput } from "../src/index.js";

/** A policy of these statements. */
export const policy = (name: string, ...Statement: object[]): PolicyInput => ({
  name,
  document: { Version: "2012-10-17", Statement },
});

/** Allows everything. */
export const FULL = policy("Full", { Effect: "Allow", Action: "*", Resource: "*" });

/** Denies invocations where the request's Region is one of these, and the conditions are met. */
export const denyIn = (name: string, regions: string[], conditions: object = {}): PolicyInput =>
  policy(name, {
    Sid: name,
    Effect: "Deny",
    Action: "bedrock:Invoke*",
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestedRegion": regions }, ...conditions },
  });
