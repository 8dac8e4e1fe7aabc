import { beforeEach } from "vitest";

// Whatever the machine's environment holds (credentials, endpoints, log level), every test starts without it.
beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (
      name.startsWith("AWS_") &&
      !["AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"].includes(name)
    ) {
      delete process.env[name];
    }
  }
  delete process.env.RESILIENT_BEDROCK_LOG_LEVEL;
});
