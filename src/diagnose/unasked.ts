import { NotApplicableError } from "../resolve/lookup-failure.js";
import type { DiagnosisPorts } from "./ports.js";

/** The sources that the application opted in to. */
interface OptedInSources {
  readonly organization?: unknown;
  readonly simulation?: unknown;
  readonly probe?: unknown;
}

/** Returns the sources for a diagnosis that has no time for any of them. They show what could be read. */
export function unaskedPorts({ organization, simulation, probe }: OptedInSources): DiagnosisPorts {
  const unasked = () => Promise.reject(new NotApplicableError("no-time"));
  return {
    resolveProfile: unasked,
    resolveModel: unasked,
    catalog: unasked,
    modelAccess: unasked,
    isUseCaseFilled: unasked,
    dataRetentionMode: unasked,
    callerArn: unasked,
    role: unasked,
    simulate: simulation ? unasked : undefined,
    probe: probe ? unasked : undefined,
    organization: organization ? unasked : undefined,
  };
}
