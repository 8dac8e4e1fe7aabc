import { describe, expect, it, vi } from "vitest";
import { type CreatedClient, SdkClients } from "../../src/aws/clients.js";
import { markUnwanted } from "../../src/resolve/waiting.js";

const never = new AbortController().signal;
const command = () => ({ middlewareStack: { add: vi.fn() } });
const throttled = () => Object.assign(new Error("slow down"), { name: "ThrottlingException" });

/** A client that fails with these errors first. */
function clientOf(...errors: Error[]) {
  return {
    send: vi.fn(async () => {
      const error = errors.shift();
      if (error) throw error;
      return "response";
    }),
    destroy: vi.fn(),
  };
}

const created = (client: CreatedClient["client"], sharesHandler = false) =>
  vi.fn(async (_region: string): Promise<CreatedClient> => ({ client, sharesHandler }));

describe("a client that is created", () => {
  it("is created by the first request, once for each Region", async () => {
    const create = created(clientOf());
    const clients = new SdkClients(create);
    expect(create).not.toHaveBeenCalled();
    expect(await clients.send(command(), never, "us-east-1")).toBe("response");
    await clients.sendOnce(command(), never, "us-east-1");
    await clients.send(command(), never, "eu-west-1");
    expect(create.mock.calls).toEqual([["us-east-1"], ["eu-west-1"]]);
  });

  it("is destroyed, and created again if it's used again", async () => {
    const client = clientOf();
    const create = created(client);
    const clients = new SdkClients(create);
    await clients.send(command(), never);
    clients.destroy();
    clients.destroy();
    expect(client.destroy).toHaveBeenCalledTimes(1);
    await clients.send(command(), never);
    expect(create).toHaveBeenCalledTimes(2);
  });

  it("isn't destroyed if it shares the application's request handler", async () => {
    const client = clientOf();
    const clients = new SdkClients(created(client, true));
    await clients.send(command(), never);
    clients.destroy();
    expect(client.destroy).not.toHaveBeenCalled();
  });

  it("isn't kept if its creation fails or doesn't end", async () => {
    const client = clientOf();
    const create = vi
      .fn<(region: string) => Promise<CreatedClient>>()
      .mockRejectedValueOnce(new Error("no Region"))
      .mockReturnValueOnce(new Promise(() => {}))
      .mockResolvedValue({ client, sharesHandler: false });
    const clients = new SdkClients(create);
    await expect(clients.send(command(), never)).rejects.toThrow("no Region");
    void clients.send(command(), never);
    expect(await clients.send(command(), never)).toBe("response");
  });

  it("is the same for requests that start at once", async () => {
    const made = [clientOf(), clientOf()];
    const clients = new SdkClients(async () => ({ client: made.shift() ?? clientOf(), sharesHandler: false }));
    const [first, second] = await Promise.all([clients.createdFor("us-east-1"), clients.createdFor("us-east-1")]);
    expect(first).toBe(second);
  });

  it("is called again after a temporary failure, unless the request is to be sent once", async () => {
    const client = clientOf(throttled(), throttled());
    expect(await new SdkClients(created(client)).send(command(), never)).toBe("response");
    expect(client.send).toHaveBeenCalledTimes(3);
    const once = clientOf(throttled());
    await expect(new SdkClients(created(once)).sendOnce(command(), never)).rejects.toThrow("slow down");
    expect(once.send).toHaveBeenCalledTimes(1);
  });

  it("isn't called again after a denial", async () => {
    const client = clientOf(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
    await expect(new SdkClients(created(client)).send(command(), never)).rejects.toThrow("no");
    expect(client.send).toHaveBeenCalledTimes(1);
  });

  it("isn't called for a lookup that no caller waits for", async () => {
    const client = clientOf();
    const clients = new SdkClients(created(client));
    await expect(clients.send(command(), AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
    const { signal } = new AbortController();
    markUnwanted(signal, true);
    await expect(clients.send(command(), signal)).rejects.toMatchObject({ name: "UnwantedError" });
    expect(client.send).not.toHaveBeenCalled();
  });
});

describe("a client that the application provided", () => {
  it("is used with its own retry settings, and never destroyed", async () => {
    const client = clientOf(throttled());
    const create = created(clientOf());
    const clients = new SdkClients(create, { client });
    await expect(clients.send(command(), never)).rejects.toThrow("slow down");
    expect(client.send).toHaveBeenCalledTimes(1);
    clients.destroy();
    expect(client.destroy).not.toHaveBeenCalled();
    expect(create).not.toHaveBeenCalled();
  });

  it("isn't used for another Region than its own", async () => {
    const client = clientOf();
    const create = created(clientOf());
    const clients = new SdkClients(create, { client, region: async () => "us-east-1" });
    await clients.send(command(), never, "us-east-1");
    expect(create).not.toHaveBeenCalled();
    await clients.send(command(), never, "us-west-2");
    expect(create.mock.calls).toEqual([["us-west-2"]]);
    expect(client.send).toHaveBeenCalledTimes(1);
  });
});
