// The rules that need more than a request: who calls, whose resource it is, and which keys AWS always sends. As naive as
// the rest, and without code of src/policy.

import {
  type Answer,
  and,
  glob,
  list,
  type NaiveDocument,
  type NaivePrincipal,
  type NaiveRequest,
  or,
  patternOf,
  statementAnswer,
} from "./naive.js";

export type CallerKind = "role" | "session" | "user" | "root" | "federated-user";
export type LayerKind =
  | "identity"
  | "service-control"
  | "resource-control"
  | "boundary"
  | "session"
  | "endpoint"
  | "resource";

export interface NaiveCaller {
  kind: CallerKind;
  account: string;
  /** Of the role, user or federated user. */
  name: string;
}

/** Policies, one of which must allow. `null`: they are unknown. */
export interface TypedLayer {
  kind: LayerKind;
  documents: NaiveDocument[] | null;
}

export interface NaiveOrganization {
  caller: NaiveCaller;
  leg: { action: string; resource: string; region: string; profileArn?: string };
  /** What the application states, with keys in lower case. */
  given: Record<string, string[] | null>;
  unknownContext: "unknown" | "absent";
  /** Seconds since 1970. */
  now: number;
  layers: TypedLayer[];
}

/** All names that a policy may call the caller by. */
export function namesOf({ kind, account, name }: NaiveCaller): string[] {
  const role = `arn:aws:iam::${account}:role/${name}`;
  const all: Record<CallerKind, string[]> = {
    role: [role],
    session: [`arn:aws:sts::${account}:assumed-role/${name}/s`, role],
    user: [`arn:aws:iam::${account}:user/${name}`],
    root: [`arn:aws:iam::${account}:root`],
    "federated-user": [`arn:aws:sts::${account}:federated-user/${name}`],
  };
  return all[kind];
}

const isAccount = (text: string | undefined) => /^\d{12}$/.test(text ?? "");
const NETWORK_OF_ENDPOINTS = ["aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip"];

/** IAM User Guide, "AWS global condition context keys", key by key. `"present"`: in the request, with an unknown value. */
function valueIn(key: string, { caller, leg, given, unknownContext, now }: NaiveOrganization) {
  const { kind, account, name } = caller;
  const isTemporary = kind === "role" || kind === "session" || kind === "federated-user";
  const has = (other: string) => (given[other] ?? []).length > 0;
  const other = unknownContext === "absent" ? null : undefined;
  if (key === "aws:requestedregion") return [leg.region];
  if (key === "bedrock:inferenceprofilearn") return leg.profileArn === undefined ? null : [leg.profileArn];
  if (key in given) return given[key];
  switch (key) {
    case "aws:currenttime":
      return "aws:epochtime" in given ? "present" : [new Date(now * 1_000).toISOString().slice(0, 19).concat("Z")];
    case "aws:epochtime":
      return "aws:currenttime" in given ? "present" : [`${now}`];
    case "aws:useragent":
      return "present";
    case "aws:userid":
      return kind === "root" ? [account] : kind === "federated-user" ? [`${account}:${name}`] : "present";
    case "aws:tokenissuetime":
      return isTemporary ? "present" : other;
    case "aws:viaawsservice":
      return ["false"];
    case "aws:principalaccount":
      return [account];
    case "aws:principalarn":
      return namesOf(caller).slice(-1);
    case "aws:username":
      return kind === "user" ? [name] : null;
    case "aws:resourceaccount": {
      const owner = leg.resource.split(":")[4];
      return isAccount(owner) ? [owner ?? ""] : "present";
    }
    case "aws:sourceip":
      return NETWORK_OF_ENDPOINTS.some(has) ? null : undefined;
    case "aws:sourcevpce":
    case "aws:sourcevpc":
    case "aws:vpcsourceip":
      return has("aws:sourceip") ? null : undefined;
    default:
      return other;
  }
}

/** Each key is looked up when a policy tests it. */
function requestOf(organization: NaiveOrganization): NaiveRequest {
  const get = (_: object, key: string) => {
    const value = valueIn(key, organization);
    return value === "present" ? undefined : value;
  };
  const context = new Proxy<NaiveRequest["context"]>({}, { get: get as never });
  const present = { has: (key: string) => valueIn(key, organization) === "present" };
  return { action: organization.leg.action, resource: organization.leg.resource, context, present };
}

/** One entry of a Principal element. */
function entryAnswer(kind: string, text: string, caller: NaiveCaller): Answer {
  const root = `arn:aws:iam::${caller.account}:root`;
  const names = [...namesOf(caller), root, caller.account];
  const isRole = caller.kind === "role" || caller.kind === "session";
  if (kind === "Service") return "no match";
  // Which account a canonical user ID is, and which provider issued a session, isn't known here.
  if (kind === "CanonicalUser") return "unknown";
  if (kind === "Federated") return isRole ? "unknown" : "no match";
  if (text === "*" || names.includes(text)) return "match";
  // "You cannot use a wildcard to match part of a principal name or ARN", and nothing is said of variables.
  if (text.includes("${")) return "unknown";
  if (/[*?]/.test(text)) return names.some((name) => glob(patternOf(text, true), name)) ? "unknown" : "no match";
  const sessions = `arn:aws:sts::${caller.account}:assumed-role/${caller.name}/`;
  return caller.kind === "role" && text.startsWith(sessions) ? "unknown" : "no match";
}

const entriesOf = (principal: NaivePrincipal) =>
  principal === "*"
    ? [["AWS", "*"] as const]
    : Object.entries(principal).flatMap(([kind, texts]) => list(texts).map((text) => [kind, text] as const));

/** "…you must specify the account, the role and the session" to be spared (IAM User Guide, "… elements: NotPrincipal"). */
function principalAnswer(principal: NaivePrincipal, isNegated: boolean, caller: NaiveCaller): Answer {
  const entries = entriesOf(principal);
  const any = or(entries.map(([kind, text]) => entryAnswer(kind, text, caller)));
  if (!isNegated) return any;
  const texts = entries.filter(([kind]) => kind === "AWS").map(([, text]) => text);
  if (texts.includes("*")) return "no match";
  const isAccountListed = texts.includes(caller.account) || texts.includes(`arn:aws:iam::${caller.account}:root`);
  if (isAccountListed && namesOf(caller).every((name) => texts.includes(name))) return "no match";
  return any === "no match" ? "match" : "unknown";
}

/** What PutResourcePolicy supports, and what else may have such a policy. All others of Amazon Bedrock have none. */
const MAY_HAVE_POLICY = ["guardrail", "guardrail-profile", "custom-model", "knowledge-base", "something-new"];

/** "Cross-account policy evaluation logic": the resource's account has to allow as well. */
function resourceAccountAnswer({ caller, leg, layers }: NaiveOrganization): Answer {
  const [, , service, , owner, resource = ""] = leg.resource.split(":");
  if (!isAccount(owner) || owner === caller.account || layers.some(({ kind }) => kind === "resource")) return "match";
  return service === "bedrock" && !MAY_HAVE_POLICY.includes(resource.split("/")[0] ?? "") ? "no match" : "unknown";
}

/** The verdict on one leg, by the pages of AWS. */
export function organizationVerdict(given: NaiveOrganization): "allowed" | "blocked" | "unknown" {
  // A leg without an account is the caller's.
  const own = (arn: string) => arn.replace("<account-id>", given.caller.account);
  const { profileArn } = given.leg;
  const leg = {
    ...given.leg,
    resource: own(given.leg.resource),
    ...(profileArn ? { profileArn: own(profileArn) } : {}),
  };
  const organization = { ...given, leg };
  const { caller, layers } = organization;
  const request = requestOf(organization);
  const answers = ({ documents, kind }: TypedLayer, effect: string): Answer =>
    or(
      (documents ?? []).flatMap(({ Version, Statement }) =>
        Statement.filter(({ Effect }) => Effect === effect).map((statement) => {
          const { Principal, NotPrincipal } = statement;
          const principal =
            Principal !== undefined
              ? principalAnswer(Principal, false, caller)
              : NotPrincipal !== undefined
                ? principalAnswer(NotPrincipal, true, caller)
                : "match";
          return statementAnswer(statement, Version, request, kind, principal);
        }),
      ),
    );
  // The root user has no identity-based policies; a federated user has at most what a session policy allows.
  const applying = layers.filter(
    ({ kind }) => kind !== "resource-control" && !(kind === "identity" && caller.kind === "root"),
  );
  if (caller.kind === "federated-user" && !layers.some(({ kind }) => kind === "session")) {
    applying.push({ kind: "session", documents: null });
  }
  const rcps = layers.some(({ kind }) => kind === "resource-control");
  const denied = or(applying.map((layer) => answers(layer, "Deny")));
  const allowed = and([
    ...applying.map((layer): Answer => (layer.documents === null ? "unknown" : answers(layer, "Allow"))),
    resourceAccountAnswer(organization),
    // They don't cover Amazon Bedrock, and for other services they aren't evaluated.
    rcps && !leg.action.toLowerCase().startsWith("bedrock:") ? "unknown" : "match",
  ]);
  if (denied === "match" || allowed === "no match") return "blocked";
  return denied === "no match" && allowed === "match" ? "allowed" : "unknown";
}
