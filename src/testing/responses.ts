/** An error as the service sends it: the name in a header, with the suffix that AWS's own frameworks add. */
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

/** A ValidationException: the answer to a request that the service can't accept. */
export const invalid = (message: string) => errorResponse(400, "ValidationException", { message });

export const requestId = () => ({ "x-amzn-requestid": crypto.randomUUID() });
