// Checks before a deployment whether the organization's service control policies allow calls through a profile from a
// Region. No model is called. Each level of the organization has a folder with its policies as JSON. The folders are in the
// order of their names:
//
//   npm run build && npx tsx examples/04-check-before-deploy.ts us.amazon.nova-pro-v1:0 us-east-1 examples/policies
//
// The exit code is 1 if a leg is blocked.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveInferenceProfile } from "resilient-bedrock";
import { authorizationLegs, evaluateAccess, lintPolicy } from "resilient-bedrock/offline";

const [
  modelId = "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  region = "us-east-1",
  folder = join(import.meta.dirname, "policies"),
  principalArn = "arn:aws:iam::111122223333:role/App",
] = process.argv.slice(2);

const serviceControl = readdirSync(folder)
  .sort()
  .map((level) => ({
    level,
    policies: readdirSync(join(folder, level)).map((name) => ({
      name,
      document: readFileSync(join(folder, level, name), "utf8"),
    })),
  }));

// The destination Regions: from GetInferenceProfile, or without credentials from the bundled catalog.
const { via, profile, asOf } = await resolveInferenceProfile(modelId, { region });
console.log(`Destinations of ${modelId} from ${region}: ${via}${asOf ? ` (${asOf})` : ""}\n`);

const legs = authorizationLegs({
  operation: "Converse",
  modelId,
  sourceRegion: region,
  accountId: principalArn.split(":")[4] ?? "",
  ...(profile ? { profile } : {}),
});
// This checks the organization only, so the role is assumed to be allowed everything.
const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
const identity = [{ name: "AssumedFullAccess", document: everything }];
const verdicts = evaluateAccess({ legs, principal: { arn: principalArn }, policies: { identity, serviceControl } });
for (const { leg, verdict, because } of verdicts)
  console.log(`${verdict.padEnd(8)} ${leg.stage} ${leg.region}\n         ${because}`);

for (const { level, policies } of serviceControl) {
  for (const { name, document } of policies) {
    for (const { severity, path, why, instead } of lintPolicy(document, { type: "service-control-policy" })) {
      console.log(`\n${severity} in ${level}/${name} at ${path}\n  ${why}\n  Instead: ${instead}`);
    }
  }
}
process.exitCode = verdicts.some(({ verdict }) => verdict === "blocked") ? 1 : 0;
