import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { FULL, policy } from "../policies.js";

const ACCOUNT = "111122223333";
const MANAGEMENT = "999900001111";

/** An organization that denies us-west-2, and a role that may do everything else, over a loopback socket. */
export async function simulatedOrganization() {
  const deny = policy("DenyWest", {
    Effect: "Deny",
    Action: "bedrock:*",
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestedRegion": "us-west-2" } },
  });
  const all = { Effect: "Allow", Action: "*", Resource: "*" };
  const bedrock = new SimulatedBedrock({
    principals: [
      { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`, identity: [policy("All", all)] },
      { arn: `arn:aws:iam::${MANAGEMENT}:role/Auditor`, accessKeyId: "AKIDAUDITOR" },
    ],
    organization: {
      managementAccountId: MANAGEMENT,
      root: { name: "Root", policies: [FULL, deny], accounts: [{ id: ACCOUNT }] },
    },
  });
  return bedrock.listen();
}
