import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIdentityCenterRole, parsePrincipal } from "../src/principal.js";

const ACCOUNT = { accountId: "111122223333" };

describe("parsePrincipal", () => {
  it.each([
    [
      "arn:aws:sts::111122223333:assumed-role/App/me@example.com",
      { type: "assumed-role", name: "App", sessionName: "me@example.com", ...ACCOUNT, isComplete: true },
    ],
    ["arn:aws:iam::111122223333:role/service-role/App", { type: "role", name: "App", ...ACCOUNT, isComplete: true }],
    ["arn:aws:iam::111122223333:user/team/bob", { type: "user", name: "bob", ...ACCOUNT, isComplete: true }],
    [
      "arn:aws:sts::111122223333:federated-user/bob",
      { type: "federated-user", name: "bob", ...ACCOUNT, isComplete: true },
    ],
    ["arn:aws:iam::111122223333:root", { type: "root", ...ACCOUNT, isComplete: true }],
    [
      "arn:aws:sts::<account>:assumed-role/App/s",
      { type: "assumed-role", name: "App", sessionName: "s", isComplete: false },
    ],
    ["bob", { type: "unknown", isComplete: false }],
  ])("%s", (arn, principal) => {
    expect(parsePrincipal(arn)).toEqual({ arn, ...principal });
  });

  it("never throws, and never invents an account", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string().map((text) => `arn:aws:sts::${text}`),
    );
    fc.assert(
      fc.property(texts, (arn) => {
        const { accountId } = parsePrincipal(arn);
        if (accountId !== undefined) expect(arn).toContain(`:${accountId}:`);
      }),
    );
  });
});

describe("isIdentityCenterRole", () => {
  it.each([
    ["AWSReservedSSO_Developer_0123456789abcdef", true],
    ["AWSReservedSSODeveloper", false],
    ["App-AWSReservedSSO_", false],
  ])("%s: %s", (name, is) => expect(isIdentityCenterRole(name)).toBe(is));
});
