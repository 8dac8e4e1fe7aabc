// The pure functions, as an application uses them.
import * as offline from "resilient-bedrock/offline";

const MESSAGE =
  "User: arn:aws:sts::111122223333:assumed-role/App/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 with an explicit deny in a service control policy";
const statement = (effect, more = {}) => ({ Effect: effect, Action: "bedrock:*", Resource: "*", ...more });
const policy = (name, ...Statement) => ({ name, document: { Version: "2012-10-17", Statement } });
const west = { StringEquals: { "aws:RequestedRegion": "us-west-2" }, IpAddress: { "aws:SourceIp": "10.0.0.0/8" } };
const modelId = "us.amazon.nova-pro-v1:0";

export function answers({
  authorizationLegs,
  evaluateAccess,
  formatDiagnosis,
  inferenceProfile,
  lintPolicy,
  parseModelId,
  parseRefusal,
  policySet,
  serializeDiagnosedError,
} = offline) {
  const { kind, region, policyType } = parseRefusal(MESSAGE);
  const profile = inferenceProfile(modelId, "us-east-1");
  const legs = authorizationLegs({ operation: "Converse", modelId, sourceRegion: "us-east-1", profile });
  const policies = policySet({
    identity: [policy("App", statement("Allow"))],
    serviceControl: [
      {
        level: "Root",
        policies: [policy("Full", statement("Allow")), policy("West", statement("Deny", { Condition: west }))],
      },
    ],
    context: { "aws:SourceIp": "10.1.2.3" },
  });
  const verdicts = evaluateAccess({ legs, principal: { arn: "arn:aws:iam::111122223333:role/App" }, policies });
  const diagnosis = {
    kind,
    refusal: { raw: MESSAGE, kind },
    summary: "us-west-2 is denied.",
    operation: "Converse",
    modelId,
    sourceRegion: "us-east-1",
    blockedRegions: ["us-west-2"],
    legs: verdicts,
    alternatives: [],
    evidence: [],
    remedies: [],
    confidence: "certain",
    complete: true,
  };
  const error = Object.assign(new Error(MESSAGE), { name: "AccessDeniedException", diagnosis });
  return {
    denial: [kind, region, policyType],
    model: parseModelId(modelId).kind,
    verdicts: verdicts.map(({ leg, verdict }) => `${leg.region} ${verdict}`),
    findings: lintPolicy(policy("West", statement("Deny")).document).map(({ code }) => code),
    reports: ["text", "markdown", "html"].map((format) => formatDiagnosis(diagnosis, format).includes("us-west-2")),
    logged: serializeDiagnosedError(error).diagnosis.blockedRegions,
  };
}
