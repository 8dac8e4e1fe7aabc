import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCallError, parseRefusal } from "../../src/refusal/parse.js";

const SESSION = "arn:aws:sts::111122223333:assumed-role/AppRole/session";
const US = "us.amazon.nova-pro-v1:0";
const MODEL = "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0";
const MESSAGE = `User: ${SESSION} is not authorized to perform: bedrock:InvokeModel on resource: ${MODEL} with an explicit deny in a service control policy`;

/** A record as CloudTrail delivers it (AWS CloudTrail User Guide, "CloudTrail record contents"). */
const RECORD = {
  eventVersion: "1.11",
  userIdentity: {
    type: "AssumedRole",
    principalId: "AROAEXAMPLE:other",
    arn: "arn:aws:sts::111122223333:assumed-role/RecordRole/other",
    accountId: "111122223333",
    sessionContext: { sessionIssuer: { type: "Role", arn: "arn:aws:iam::111122223333:role/RecordRole" } },
  },
  eventTime: "2026-11-20T10:00:00Z",
  eventSource: "bedrock.amazonaws.com",
  eventName: "ConverseStream",
  awsRegion: "us-east-1",
  errorCode: "AccessDenied",
  errorMessage: MESSAGE,
  requestParameters: { modelId: US },
  responseElements: null,
  eventType: "AwsApiCall",
};
const CALL = { operation: "ConverseStream", modelId: US, sourceRegion: "us-east-1" };

describe("a CloudTrail record", () => {
  it.each<[string, unknown]>([
    ["as an object", RECORD],
    ["as JSON text", JSON.stringify(RECORD)],
    ["as indented JSON text", `\n${JSON.stringify(RECORD, null, 2)}\n`],
    ["in a log file", { Records: [RECORD] }],
    ["in a log file's text", JSON.stringify({ Records: [RECORD] })],
    ["in an array", [RECORD]],
    ["in an event of Amazon EventBridge", { source: "aws.bedrock", "detail-type": "AWS API Call", detail: RECORD }],
    ["in the output of LookupEvents", { Events: [{ EventId: "1", CloudTrailEvent: JSON.stringify(RECORD) }] }],
    ["in one event of that output", JSON.stringify({ EventName: "x", CloudTrailEvent: JSON.stringify(RECORD) })],
    ["after one without an error", { Records: [{ ...RECORD, errorCode: undefined, errorMessage: undefined }, RECORD] }],
  ])("shows the call: %s", (_, input) => {
    expect(parseRefusal(input)).toMatchObject({
      raw: MESSAGE,
      kind: "iam-denied",
      errorName: "AccessDenied",
      // The resource's Region, which isn't the source Region.
      region: "us-west-2",
      modelId: "amazon.nova-pro-v1:0",
      policyType: "service-control-policy",
      call: CALL,
    });
  });

  it("has the caller of the message, and otherwise the record's caller", () => {
    expect(parseRefusal(RECORD)?.principal).toBe(SESSION);
    const errorMessage = "You don't have access to the model with the specified model ID.";
    const own = { ...RECORD, errorMessage };
    expect(parseRefusal(own)).toMatchObject({
      kind: "model-access-not-granted",
      principal: RECORD.userIdentity.arn,
      modelId: US,
      call: CALL,
    });
    const { arn: _, ...userIdentity } = RECORD.userIdentity;
    expect(parseRefusal({ ...own, userIdentity })?.principal).toBe("arn:aws:iam::111122223333:role/RecordRole");
    expect(parseRefusal({ ...own, userIdentity: { type: "AWSService" } })).not.toHaveProperty("principal");
  });

  it("has the request ID, which CloudTrail writes in a different form", () => {
    const requestID = "6f1e0000-0000-4000-8000-000000000000";
    expect(parseRefusal({ ...RECORD, requestID })?.requestId).toBe(requestID);
    expect(parseRefusal(JSON.stringify({ Records: [{ ...RECORD, requestID }] }))?.requestId).toBe(requestID);
    expect(parseRefusal({ ...RECORD, requestID: 7 })).not.toHaveProperty("requestId");
  });

  it("without a message is a denial by its error code", () => {
    const { errorMessage: _, ...record } = RECORD;
    expect(parseRefusal(record)).toMatchObject({ kind: "unknown", principal: RECORD.userIdentity.arn, call: CALL });
  });

  it("isn't a denial without an error, or with another error", () => {
    const { errorMessage, errorCode, ...record } = RECORD;
    for (const input of [
      record,
      { ...record, additionalEventData: { inferenceRegion: "us-west-2" } },
      { ...record, errorCode: "ThrottlingException", errorMessage: "Too many requests" },
      { ...record, errorCode: "ValidationException", errorMessage: `The prompt says: ${errorMessage}` },
      { Records: [record, record] },
    ]) {
      expect(parseRefusal(input)).toBeNull();
      expect(parseRefusal(JSON.stringify(input))).toBeNull();
    }
  });

  it("doesn't return fields that are missing, and its modelId can be an ARN", () => {
    const arn = `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`;
    expect(parseRefusal({ ...RECORD, requestParameters: { modelId: arn } })?.call?.modelId).toBe(arn);
    expect(parseRefusal({ ...RECORD, requestParameters: null })?.call).toEqual({
      operation: "ConverseStream",
      sourceRegion: "us-east-1",
    });
    expect(parseRefusal({ ...RECORD, awsRegion: 7, eventName: "InvokeModel" })?.call).toEqual({
      operation: "InvokeModel",
      modelId: US,
    });
  });

  it("is never read from the error of a call, which might quote one", () => {
    expect(
      parseCallError(Object.assign(new Error(JSON.stringify(RECORD)), { name: "ValidationException" })),
    ).toBeNull();
    expect(parseRefusal(Object.assign(new Error(MESSAGE), { name: "AccessDeniedException" }))).not.toHaveProperty(
      "call",
    );
  });

  it("of any form, and JSON text of any form, never throws", () => {
    const part = fc.oneof(fc.anything({ maxDepth: 3 }), fc.constant(RECORD), fc.constant(MESSAGE));
    const record = fc.record(
      {
        eventName: part,
        awsRegion: part,
        eventSource: part,
        errorCode: part,
        errorMessage: part,
        requestParameters: part,
        userIdentity: part,
        Records: fc.array(part),
        detail: part,
        CloudTrailEvent: part,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(record, fc.nat(), (input, cut) => {
        parseRefusal(input);
        let text = "";
        try {
          text = JSON.stringify(input) ?? "";
        } catch {
          // Cyclic, or a BigInt.
        }
        parseRefusal(text);
        parseRefusal(text.slice(0, cut % (text.length + 1)));
      }),
      { numRuns: 300 },
    );
  });
});
