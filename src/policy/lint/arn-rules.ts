import { eachStatement, type Find, type LintReport, type Rule, report } from "./rule.js";
import type { LintStatement } from "./subject.js";

/** Checks the ARNs in a statement's resources and in its conditions on the profile. Each list is checked separately. */
const eachArnList = (isWrong: (text: string, statement: LintStatement) => boolean): Find =>
  eachStatement((statement) => {
    const lists = [
      ...(statement.resource ? [{ path: statement.resource.path, texts: statement.resource.texts }] : []),
      ...statement.profiles.map(({ path, values }) => ({ path, texts: values })),
    ];
    return lists.flatMap(({ path, texts }): LintReport[] => {
      const wrong = texts.filter((text) => isWrong(text, statement));
      return wrong.length > 0 ? report(path, wrong) : [];
    });
  });

/**
 * A profile's ARN contains the caller's account, even for a system-defined profile (Service Authorization Reference,
 * "Amazon Bedrock").
 */
export const profileArnWithoutAccount: Rule = {
  code: "profile-arn-without-account",
  severity: "error",
  find: eachArnList((text) => /^arn:[^:]*:bedrock:[^:]*::(application-)?inference-profile\//.test(text)),
};

/** A foundation model's ARN has no account (same page). A `*` also matches an empty account, so it isn't reported. */
export const accountInModelArn: Rule = {
  code: "account-in-model-arn",
  severity: "error",
  find: eachArnList((text) => {
    const account = /^arn:[^:]*:bedrock:[^:]*:(.+):foundation-model\//.exec(text)?.[1];
    return account !== undefined && !/^\*+$/.test(account);
  }),
};

const GEOGRAPHY = /^(us|us-gov|eu|apac|jp|au|ca|in|global)\./;
const PROVIDER =
  /^[a-z-]{2,6}\.(ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|mistral|moonshot|nvidia|openai|qwen|stability|twelvelabs|writer|xai)\./;

/** Model IDs begin with their provider. If a geography comes before it, the ID is a profile ID. */
export const profileIdAsModel: Rule = {
  code: "profile-id-as-model",
  severity: "error",
  find: eachArnList((text) => {
    const id = /:foundation-model\/(.*)$/.exec(text)?.[1] ?? "";
    return GEOGRAPHY.test(id) || PROVIDER.test(id);
  }),
};
