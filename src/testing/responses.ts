/** Returns an error as the service sends it. The name is in a header, with the suffix that AWS's frameworks add. */
export function errorResponse(status: number, name: string, body: Record<string, string>): Response {
  return Response.json(body, {
    status,
    headers: {
      ...requestId(),
      "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    },
  });
}

export function jsonResponse(body: unknown): Response {
  return Response.json(body, { headers: requestId() });
}

/** Returns a ValidationException, for a request that the service can't accept. */
export const invalid = (message: string) => errorResponse(400, "ValidationException", { message });

/** Returns a ValidationException for one field. `wanted` completes "Member must …". */
export const invalidField = (field: string, wanted: string) =>
  invalid(`1 validation error detected: Value at '${field}' failed to satisfy constraint: Member must ${wanted}`);

/** Returns a ValidationException for a body that isn't a JSON object. */
export const malformed = () =>
  invalid("Malformed input request: expected a JSON object, please reformat your input and try again.");

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const requestId = () => ({ "x-amzn-requestid": crypto.randomUUID() });
