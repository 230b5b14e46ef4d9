/** What is asked of either service, call by call, and what is made of answers that are none. */
import { describe, expect, it } from "vitest";
import type { Http, HttpCall } from "#main/channels/signal/http.ts";
import { findAci } from "#main/channels/signal/identifiers.ts";
import { createJsonRpcService } from "#main/channels/signal/jsonrpc.ts";
import { render } from "#main/channels/signal/outbound.ts";
import { createRestService } from "#main/channels/signal/rest.ts";
import type { SignalService } from "#main/channels/signal/service.ts";

const OWN = "+18575550199";
const ACI = "7ccae375-cd51-4c82-8b1e-7be3280aa485";
const group = { id: "Pmpi+EfPWmsx", kind: "group" as const };
const direct = { id: ACI, kind: "direct" as const };
const { signal } = new AbortController();

/** Keeps the calls, and answers each with the next of `answers`. */
function record(account: string, ...answers: unknown[]): { http: Http; calls: [string, HttpCall][] } {
  const calls: [string, HttpCall][] = [];
  const json = async (path: string, call: HttpCall) => {
    calls.push([path, call]);
    return answers.shift();
  };
  return { calls, http: { base: "http://signal", account, json, open: () => expect.fail("not asked for") } };
}

const message = {
  chat: group,
  rendered: render("**a** b"),
  attachment: "data:image/png;filename=a.png;base64,aGk=",
  quote: { timestamp: 17, author: ACI },
};

async function read(service: SignalService, ref: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of service.download(ref, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("signal-cli's daemon", () => {
  it("is asked to send with all that there is", async () => {
    const { http, calls } = record(OWN, { jsonrpc: "2.0", id: "1", result: { timestamp: 99 } });
    expect(await createJsonRpcService(http).send(message, signal)).toBe(99);
    const params = {
      account: OWN,
      groupId: group.id,
      message: "a b",
      textStyles: ["0:1:BOLD"],
      attachments: [message.attachment],
      quoteTimestamp: 17,
      quoteAuthor: ACI,
    };
    const body = { jsonrpc: "2.0", id: "1", method: "send", params };
    expect(calls).toEqual([["/api/v1/rpc", { method: "POST", body, signal, isSend: true }]]);
  });

  it("is believed when a group message reached some, even in an error", async () => {
    const response = { timestamp: 7, results: [{ type: "SUCCESS" }, { type: "RATE_LIMIT_FAILURE" }] };
    const { http } = record(OWN, { error: { code: -5, message: "x", data: { response } } });
    expect(await createJsonRpcService(http).send(message, signal)).toBe(7);
  });

  it("[CH-14] leaves open what it sent when its answer makes no sense", async () => {
    for (const answer of [undefined, "hello", [], { result: {} }, { result: { timestamp: "soon" } }]) {
      const { http } = record(OWN, answer);
      await expect(createJsonRpcService(http).send(message, signal)).rejects.toMatchObject({ failure: "unknown" });
    }
  });

  it("tells who we are, or that it does not know", async () => {
    const other = { number: "+18575550100", uuid: "b0b00000-0000-4000-8000-00000000000b" };
    const identify = async (account: string, result: unknown) =>
      findAci(await createJsonRpcService(record(account, { result }).http).identities(signal), account);
    expect(await identify(OWN, [other, { number: OWN, uuid: ACI.toUpperCase() }])).toBe(ACI);
    expect(await identify(OWN, [other, { number: OWN, uuid: "no" }])).toBeUndefined();
    expect(await identify(OWN, "nonsense")).toBeUndefined();
    expect(await identify(ACI, [{ number: null, uuid: other.uuid }])).toBe(ACI);
  });

  it("hands out files", async () => {
    const { http, calls } = record(OWN, { result: { data: "aGk=" } }, { result: {} });
    const service = createJsonRpcService(http);
    expect(await read(service, "6qUv.jpg")).toBe("hi");
    await expect(read(service, "gone")).rejects.toMatchObject({ failure: "rejected" });
    expect(calls.map(([, { body }]) => body)).toMatchObject([
      { method: "getAttachment", params: { id: "6qUv.jpg" } },
      { method: "getAttachment" },
    ]);
  });
});

describe("signal-cli-rest-api", () => {
  it("is asked to send with all that there is", async () => {
    const { http, calls } = record(OWN, { timestamp: "99" });
    expect(await createRestService(http).send(message, signal)).toBe(99);
    const body = {
      number: OWN,
      recipients: ["group.UG1waStFZlBXbXN4"],
      message: "**a** b",
      text_mode: "styled",
      base64_attachments: [message.attachment],
      quote_timestamp: 17,
      quote_author: ACI,
    };
    expect(calls).toEqual([["/v2/send", { method: "POST", body, signal, isSend: true }]]);
  });

  it("is asked for typing and reactions by the number in the path", async () => {
    const { http, calls } = record(OWN);
    const service = createRestService(http);
    await service.typing(direct, signal);
    await service.react(direct, { timestamp: 17, author: ACI }, "\u2764\uFE0F", signal);
    await service.react(direct, { timestamp: 17, author: ACI }, undefined, signal);
    const reaction = { recipient: ACI, target_author: ACI, timestamp: 17 };
    expect(calls).toMatchObject([
      ["/v1/typing-indicator/%2B18575550199", { method: "PUT", body: { recipient: ACI } }],
      ["/v1/reactions/%2B18575550199", { method: "POST", body: { ...reaction, reaction: "\u2764\uFE0F" } }],
      ["/v1/reactions/%2B18575550199", { method: "DELETE", body: reaction }],
    ]);
  });

  it("[CH-14] leaves open what it sent when its answer makes no sense", async () => {
    const { http } = record(OWN, { timestamp: null });
    await expect(createRestService(http).send(message, signal)).rejects.toMatchObject({ failure: "unknown" });
  });
});
