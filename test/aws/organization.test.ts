import { describe, expect, it, vi } from "vitest";
import { OrganizationReader } from "../../src/aws/organization.js";
import { DeadlineError } from "../../src/resolve/waiting.js";

const ACCOUNT = "111122223333";
const DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
const never = new AbortController().signal;

type Answer = (input: Record<string, string>) => unknown;

/** AWS Organizations as one account sees it: account, unit, root, each with one policy. */
const HONEST: Record<string, Answer> = {
  DescribeOrganization: () => ({ Organization: { MasterAccountId: "999900001111" } }),
  ListParents: ({ ChildId }) => ({ Parents: [{ Id: ChildId === ACCOUNT ? "ou-1" : "r-1" }] }),
  ListPoliciesForTarget: ({ TargetId }) => ({ Policies: [{ Id: `p-${TargetId}` }] }),
  DescribePolicy: ({ PolicyId }) => ({
    Policy: { PolicySummary: { Id: PolicyId, Name: PolicyId }, Content: DOCUMENT },
  }),
};

function readerWith(answers: Record<string, Answer>) {
  const send = vi.fn(async (command: { constructor: { name: string }; input: Record<string, string> }) => {
    const answer = { ...HONEST, ...answers }[command.constructor.name.replace(/Command$/, "")];
    return answer?.(command.input);
  });
  const reader = new OrganizationReader({} as never, { client: { send } as never }, undefined);
  return { send, read: (signal = never) => reader.policiesAbove(ACCOUNT, "aws", signal) };
}

describe("OrganizationReader", () => {
  it("reads the levels from the root to the account", async () => {
    const { levels, managementAccountId } = await readerWith({}).read();
    expect(levels.map(({ level, policies }) => [level, policies.map(({ name }) => name)])).toEqual([
      ["r-1", ["p-r-1"]],
      ["ou-1", ["p-ou-1"]],
      [ACCOUNT, [`p-${ACCOUNT}`]],
    ]);
    expect(managementAccountId).toBe("999900001111");
  });

  let n = 0;
  it.each<[string, Record<string, Answer>]>([
    ["a parent that is its own parent", { ListParents: () => ({ Parents: [{ Id: "ou-1" }] }) }],
    [
      "a cycle of parents",
      { ListParents: ({ ChildId }) => ({ Parents: [{ Id: ChildId === "ou-1" ? "ou-2" : "ou-1" }] }) },
    ],
    ["parents without an end", { ListParents: () => ({ Parents: [{ Id: `ou-${++n}` }] }) }],
    ["no parent", { ListParents: () => ({ Parents: [] }) }],
    ["the same page again", { ListPoliciesForTarget: () => ({ Policies: [{ Id: "p-1" }], NextToken: "1" }) }],
    ["pages without an end", { ListPoliciesForTarget: () => ({ Policies: [{ Id: "p-1" }], NextToken: `${++n}` }) }],
    ["a token that isn't text", { ListPoliciesForTarget: () => ({ Policies: [{ Id: "p-1" }], NextToken: 7 }) }],
    ["no list of policies", { ListPoliciesForTarget: () => ({}) }],
    ["an invalid list", { ListPoliciesForTarget: () => ({ Policies: "p-1" }) }],
    ["a policy without an id", { ListPoliciesForTarget: () => ({ Policies: [{ Id: "p-1" }, { Name: "two" }] }) }],
    ["an empty entry", { ListPoliciesForTarget: () => ({ Policies: [null] }) }],
    ["another policy", { DescribePolicy: () => ({ Policy: { PolicySummary: { Id: "p-other" }, Content: DOCUMENT } }) }],
    [
      "a policy without a document",
      { DescribePolicy: ({ PolicyId }) => ({ Policy: { PolicySummary: { Id: PolicyId } } }) },
    ],
    ["no management account", { DescribeOrganization: () => ({ Organization: {} }) }],
  ])("rejects %s, after a limited number of requests", async (_, answers) => {
    const { send, read } = readerWith(answers);
    await expect(read()).rejects.toMatchObject({ name: "MalformedAnswer" });
    expect(send.mock.calls.length).toBeLessThan(150);
  });

  it("reads a policy once if it's listed twice", async () => {
    const { send, read } = readerWith({ ListPoliciesForTarget: () => ({ Policies: [{ Id: "p-1" }, { Id: "p-1" }] }) });
    const { levels } = await read();
    expect(levels.map(({ policies }) => policies.length)).toEqual([1, 1, 1]);
    const described = send.mock.calls.filter(([command]) => command.constructor.name === "DescribePolicyCommand");
    expect(described).toHaveLength(1);
  });

  it.each([
    ["deadline", new DeadlineError()],
    ["abort", undefined],
  ])("sends no further request after the caller's %s", async (_, reason) => {
    let asked = 0;
    let bring = () => {};
    const { send, read } = readerWith({
      ListParents: () => {
        asked += 1;
        return new Promise((resolve) => {
          bring = () => resolve({ Parents: [{ Id: "ou-1" }] });
        });
      },
    });
    const caller = new AbortController();
    const reading = read(caller.signal).catch(() => "ended");
    await vi.waitFor(() => expect(asked).toBe(1));
    caller.abort(reason);
    expect(await reading).toBe("ended");
    const before = send.mock.calls.length;
    bring();
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(send.mock.calls.length).toBe(before);
  });
});
