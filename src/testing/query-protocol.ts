/** The operations of AWS STS and IAM that are supported. */
export type QueryOperation = "GetCallerIdentity" | "GetRole" | "SimulatePrincipalPolicy";

const API_VERSIONS: Record<QueryOperation, string> = {
  GetCallerIdentity: "https://sts.amazonaws.com/doc/2011-06-15/",
  GetRole: "https://iam.amazonaws.com/doc/2010-05-08/",
  SimulatePrincipalPolicy: "https://iam.amazonaws.com/doc/2010-05-08/",
};

/** A request in the AWS query protocol. Its parameters are form fields, in which lists and structures are flattened. */
export interface QueryRequest {
  operation: QueryOperation;
  parameters: Record<string, string>;
}

/** Returns the request if it's for one of these operations. */
export function queryRequestOf(headers: Headers, body: string): QueryRequest | undefined {
  if (!headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")) return undefined;
  const parameters = Object.fromEntries(new URLSearchParams(body));
  const operation = parameters.Action;
  return operation !== undefined && Object.hasOwn(API_VERSIONS, operation)
    ? { operation: operation as QueryOperation, parameters }
    : undefined;
}

/** Returns `Name.member.1`, `Name.member.2`, and so on, as a list. */
export function listIn(parameters: Record<string, string>, name: string): string[] {
  const values: string[] = [];
  for (let at = 1; ; at += 1) {
    const value = parameters[`${name}.member.${at}`];
    if (value === undefined) return values;
    values.push(value);
  }
}

/** The content of a response: strings, structures, and lists, whose items are called `member`. */
export type Xml = string | number | boolean | Xml[] | { [name: string]: Xml | undefined };

export function queryResponse(operation: QueryOperation, result: Xml): Response {
  const content = element(`${operation}Result`, result) + metadata();
  return xml(200, `<${operation}Response xmlns="${API_VERSIONS[operation]}">${content}</${operation}Response>`);
}

export function queryError(operation: QueryOperation, status: number, code: string, message: string): Response {
  const type = status < 500 ? "Sender" : "Receiver";
  const error = element("Error", { Type: type, Code: code, Message: message });
  return xml(
    status,
    `<ErrorResponse xmlns="${API_VERSIONS[operation]}">${error}<RequestId>${crypto.randomUUID()}</RequestId></ErrorResponse>`,
  );
}

/**
 * Converts a failure to the form that STS and IAM return. A body that a test scripted, and a broken connection, stay
 * unchanged.
 */
export async function asQueryError(failed: Response, operation: QueryOperation): Promise<Response> {
  const [code] = failed.headers.get("x-amzn-errortype")?.split(":") ?? [];
  if (code === undefined) return failed;
  const { message = "" } = (await failed.json()) as { message?: string };
  return queryError(operation, failed.status, code, message);
}

const xml = (status: number, content: string) =>
  new Response(`<?xml version="1.0"?>${content}`, { status, headers: { "content-type": "text/xml" } });

const metadata = () => element("ResponseMetadata", { RequestId: crypto.randomUUID() });

function element(name: string, value: Xml | undefined): string {
  if (value === undefined) return "";
  return `<${name}>${content(value)}</${name}>`;
}

function content(value: Xml): string {
  if (Array.isArray(value)) return value.map((item) => element("member", item)).join("");
  if (typeof value !== "object") return String(value).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return Object.entries(value)
    .map(([name, inner]) => element(name, inner))
    .join("");
}
