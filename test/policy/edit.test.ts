import { describe, expect, it } from "vitest";
import { applyEdit, type PolicyEdit } from "../../src/policy/remedies/edit.js";

const ALLOW = {
  Effect: "Allow",
  Action: "bedrock:InvokeModel",
  Resource: "arn:aws:bedrock:us-east-1::foundation-model/m",
};
const DENY = {
  Sid: "Deny",
  Effect: "Deny",
  NotAction: ["iam:*"],
  Resource: "*",
  Condition: { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } },
};
const document = { Version: "2012-10-17", Statement: [ALLOW, DENY] };
const US = "arn:aws:bedrock:*:*:inference-profile/us.*";

describe("applyEdit", () => {
  it.each<[PolicyEdit, object[]]>([
    [
      { edit: "add-resources", statementIndex: 0, resources: ["arn:b", ALLOW.Resource] },
      [{ ...ALLOW, Resource: [ALLOW.Resource, "arn:b"] }, DENY],
    ],
    [
      {
        edit: "add-regions",
        statementIndex: 1,
        operator: "StringNotEquals",
        key: "aws:RequestedRegion",
        regions: ["us-west-2"],
      },
      [ALLOW, { ...DENY, Condition: { StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "us-west-2"] } } }],
    ],
    [
      { edit: "exempt-inference-profiles", statementIndex: 1, pattern: US },
      [ALLOW, { ...DENY, Condition: { ...DENY.Condition, ArnNotLike: { "bedrock:InferenceProfileArn": US } } }],
    ],
    [
      { edit: "carve-out-and-re-deny", statementIndex: 1, actions: ["bedrock:InvokeModel"], pattern: US },
      [
        ALLOW,
        { ...DENY, NotAction: ["iam:*", "bedrock:InvokeModel"] },
        {
          Sid: "DenyBedrockInvokeOutsideApprovedRegions",
          Effect: "Deny",
          Action: ["bedrock:InvokeModel"],
          Resource: "*",
          Condition: { ...DENY.Condition, ArnNotLike: { "bedrock:InferenceProfileArn": US } },
        },
      ],
    ],
  ])("%j", (edit, statements) => {
    const before = JSON.stringify(document);
    expect(applyEdit(document, edit)).toEqual({ Version: "2012-10-17", Statement: statements });
    expect(JSON.stringify(document)).toBe(before);
  });

  it("removes Regions from a deny list, but never all of them: an empty list denies nothing", () => {
    const denyList = {
      Statement: {
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": ["a", "b"] } },
      },
    };
    const edit = (regions: string[]): PolicyEdit => ({
      edit: "remove-regions",
      statementIndex: 0,
      operator: "StringEquals",
      key: "aws:RequestedRegion",
      regions,
    });
    expect(applyEdit(denyList, edit(["a"]))).toMatchObject({
      Statement: { Condition: { StringEquals: { "aws:RequestedRegion": ["b"] } } },
    });
    expect(applyEdit(denyList, edit(["a", "b"]))).toBeUndefined();
  });

  it("adds to an existing exemption, whatever the case of its key", () => {
    const exempting = {
      Statement: [{ ...DENY, Condition: { ArnNotLike: { "Bedrock:InferenceProfileArn": "arn:x" } } }],
    };
    const edited = applyEdit(exempting, { edit: "exempt-inference-profiles", statementIndex: 0, pattern: US });
    expect(edited).toMatchObject({
      Statement: [{ Condition: { ArnNotLike: { "Bedrock:InferenceProfileArn": ["arn:x", US] } } }],
    });
  });

  it("changes one statement only, if two share an object in memory", () => {
    const shared = { Statement: [DENY, { ...DENY }] };
    const edited = applyEdit(shared, {
      edit: "exempt-inference-profiles",
      statementIndex: 1,
      pattern: US,
    }) as typeof shared;
    expect(edited.Statement[0]).toEqual(DENY);
    expect(edited.Statement[1]).not.toEqual(DENY);
  });

  it("keeps the document's form: a statement without a list, a bare one, a list of them", () => {
    const statements = [{ Effect: "Allow" as const, Action: "*", Resource: "*" }];
    expect(applyEdit({ Statement: ALLOW }, { edit: "add-statements", statements })).toEqual({
      Statement: [ALLOW, ...statements],
    });
    expect(applyEdit(ALLOW, { edit: "add-resources", statementIndex: 0, resources: ["arn:b"] })).toMatchObject({
      Effect: "Allow",
    });
    expect(applyEdit([ALLOW], { edit: "add-statements", statements })).toEqual([ALLOW, ...statements]);
  });

  it("keeps Sids unique", () => {
    const sid = "DenyBedrockInvokeOutsideApprovedRegions";
    const edit: PolicyEdit = {
      edit: "carve-out-and-re-deny",
      statementIndex: 0,
      actions: ["bedrock:InvokeModel"],
      pattern: US,
    };
    const edited = applyEdit({ Statement: [DENY, { ...ALLOW, Sid: sid }, { ...ALLOW, Sid: `${sid}2` }] }, edit);
    expect((edited as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid)).toEqual([
      "Deny",
      sid,
      `${sid}2`,
      `${sid}3`,
    ]);
    const statements = [{ Sid: "A", Effect: "Allow" as const, Action: "*", Resource: "*" }];
    expect(applyEdit({ Statement: [{ ...ALLOW, Sid: "A" }] }, { edit: "add-statements", statements })).toMatchObject({
      Statement: [{ Sid: "A" }, { Sid: "A2" }],
    });
  });

  it("doesn't change what already has it, and keeps its form", () => {
    const one = {
      Statement: {
        ...DENY,
        NotAction: "iam:*",
        Condition: { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } },
      },
    };
    const key = { statementIndex: 0, operator: "StringNotEquals", key: "aws:RequestedRegion" };
    expect(applyEdit(one, { edit: "add-regions", ...key, regions: ["us-east-1"] })).toEqual(one);
    expect(applyEdit(one, { edit: "remove-regions", ...key, regions: ["eu-west-1"] })).toEqual(one);
  });

  it("excludes resources and exempts principals", () => {
    const deny = {
      Effect: "Deny",
      Action: "*",
      NotResource: "arn:a",
      Condition: { ArnNotLike: { "aws:PrincipalARN": ["arn:p"] } },
    };
    expect(applyEdit(deny, { edit: "add-not-resources", statementIndex: 0, resources: ["arn:b"] })).toMatchObject({
      NotResource: ["arn:a", "arn:b"],
    });
    const principals = ["arn:q"];
    expect(
      applyEdit(deny, {
        edit: "exempt-principals",
        statementIndex: 0,
        operator: "ArnNotLike",
        key: "aws:PrincipalARN",
        principals,
      }),
    ).toMatchObject({ Condition: { ArnNotLike: { "aws:PrincipalARN": ["arn:p", "arn:q"] } } });
  });

  it.each<PolicyEdit>([
    { edit: "add-resources", statementIndex: 7, resources: ["x"] },
    { edit: "add-regions", statementIndex: 0, operator: "StringEquals", key: "aws:RequestedRegion", regions: ["x"] },
    { edit: "carve-out-and-re-deny", statementIndex: 0, actions: ["x"], pattern: US },
  ])("is undefined if it doesn't apply: %j", (edit) => expect(applyEdit(document, edit)).toBeUndefined());
});
