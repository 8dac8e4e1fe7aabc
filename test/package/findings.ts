/** What the consumer's application.js reports, by what is installed in addition to the runtime client. */
const profile = "profile: profile-from-api";
const access = "foundation-model: model-access";
const retention = "foundation-model: data-retention-mode";
const message = "message: refusal-names-resource";

export const WITH_CONTROL_PLANE = {
  name: "AccessDeniedException",
  denied: [
    "identity: source-not-installed",
    message,
    "organization: source-not-installed",
    profile,
    "simulation: source-not-installed",
  ],
  preflight: [
    retention,
    access,
    "identity: source-not-installed",
    "organization: organization-without-account",
    profile,
    "simulation: source-not-applicable",
  ],
};

export const WITH_RUNTIME_ONLY = {
  name: "AccessDeniedException",
  denied: [
    "identity: source-not-installed",
    message,
    "organization: source-not-installed",
    "profile: profile-from-bundled-catalog",
    "simulation: source-not-installed",
  ],
  preflight: [
    "foundation-model: source-not-installed",
    "identity: source-not-installed",
    "organization: organization-without-account",
    "profile: profile-from-bundled-catalog",
    "simulation: source-not-applicable",
  ],
};

const organization = ["organization: organization-policies", "organization: policies-evaluated"];

export const WITH_EVERYTHING = {
  name: "AccessDeniedException",
  denied: ["identity: role", message, ...organization, profile, "simulation: simulation"],
  preflight: [
    retention,
    access,
    "identity: caller",
    "identity: role",
    ...organization,
    profile,
    "simulation: simulation",
  ],
};
