import { answerGetAsyncInvoke, answerListAsyncInvokes, answerStartAsyncInvoke } from "./async-invoke.js";
import type { SimulatedCall, World } from "./call.js";
import { answerControlPlane } from "./control-plane.js";
import { answerCountTokens } from "./count-tokens.js";
import { answerDataRetention } from "./data-retention.js";
import { answerApplyGuardrail, answerEnforcedGuardrails } from "./guardrail.js";
import { answerGuardrailChecks } from "./guardrail-checks.js";
import { answerInvocation } from "./invocation.js";
import type { SimulatedOperation } from "./operations.js";

const ANSWERS: Record<SimulatedOperation, (call: SimulatedCall, world: World) => Response> = {
  Converse: answerInvocation,
  ConverseStream: answerInvocation,
  InvokeModel: answerInvocation,
  InvokeModelWithResponseStream: answerInvocation,
  CountTokens: answerCountTokens,
  StartAsyncInvoke: answerStartAsyncInvoke,
  GetAsyncInvoke: answerGetAsyncInvoke,
  ListAsyncInvokes: answerListAsyncInvokes,
  ApplyGuardrail: answerApplyGuardrail,
  InvokeGuardrailChecks: answerGuardrailChecks,
  GetInferenceProfile: answerControlPlane,
  ListInferenceProfiles: answerControlPlane,
  GetFoundationModel: answerControlPlane,
  GetFoundationModelAvailability: answerControlPlane,
  GetUseCaseForModelAccess: answerControlPlane,
  GetAccountDataRetention: answerDataRetention,
  PutAccountDataRetention: answerDataRetention,
  ListEnforcedGuardrailsConfiguration: answerEnforcedGuardrails,
};

/** Authorizes and answers one request to Bedrock's runtime or control plane. */
export const answerCall = (call: SimulatedCall, world: World): Response => ANSWERS[call.route.operation](call, world);
