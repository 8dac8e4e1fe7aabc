import { describe, expect, it } from "vitest";
import { withoutArns } from "../../../src/explain/format/short-arn.js";

describe("withoutArns", () => {
  it.each([
    [
      "It denies arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-pro-v1:0.",
      "It denies model amazon.nova-pro-v1:0 in us-east-2.",
    ],
    ["arn:aws:bedrock:::foundation-model/amazon.nova-pro-v1:0", "model amazon.nova-pro-v1:0 (global routing)"],
    ["arn:aws:sts::111122223333:assumed-role/App/jane@example.com", "role App (account 111122223333)"],
    ["arn:aws:bedrock:us-east-1:111122223333:prompt/p1", "arn:aws:bedrock:us-east-1:111122223333:prompt/p1"],
    ["arn:aws:iam::111122223333:constructor/x", "arn:aws:iam::111122223333:constructor/x"],
  ])("returns %j as %j", (sentence, short) => expect(withoutArns(sentence)).toBe(short));
});
