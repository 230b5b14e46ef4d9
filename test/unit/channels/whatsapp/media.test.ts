/** Files on their way: what was encrypted comes back, what was touched does not, and no other host is asked. */
import { describe, expect, it } from "vitest";
import { checkPlace, decryptMedia, download, encryptMedia, toMediaRef, upload } from "#main/channels/whatsapp/media.ts";

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const noFetch: typeof fetch = () => Promise.reject(new Error("nothing may be fetched"));
const signal = new AbortController().signal;

describe("encryption", () => {
  it.each([0, 1, 15, 16, 17, 5000])("gives back %i bytes, in whatever pieces they come", async (length) => {
    const plain = Buffer.alloc(length, 7);
    const { described, bytes } = encryptMedia(plain, "image");
    for (const size of [1, 7, 16, 9999]) {
      expect((await collect(decryptMedia(pieces(bytes, size), described.mediaKey, "image"))).equals(plain)).toBe(true);
    }
  });

  it("refuses what was changed, cut short, or is of another kind", async () => {
    const { described, bytes } = encryptMedia(Buffer.from("hello"), "image");
    const { mediaKey } = described;
    const changed = Buffer.from(bytes);
    changed[3] = (changed[3] ?? 0) ^ 1;
    for (const body of [changed, bytes.subarray(0, -1), bytes.subarray(0, 4), Buffer.alloc(0)]) {
      await expect(collect(decryptMedia(pieces(body, 8), mediaKey, "image"))).rejects.toMatchObject({
        failure: "rejected",
      });
    }
    await expect(collect(decryptMedia(pieces(bytes, 8), mediaKey, "video"))).rejects.toMatchObject({
      failure: "rejected",
    });
  });
});

describe("hosts", () => {
  it.each(["https://mmg.whatsapp.net/x", "https://media-fra3-1.cdn.whatsapp.net/v/x"])("lets %s be", (url) => {
    expect(checkPlace(url, undefined).href).toBe(url);
  });

  it.each([
    "http://mmg.whatsapp.net/x",
    "https://whatsapp.net.example.org/x",
    "https://evilwhatsapp.net/x",
    "https://mmg.whatsapp.net:8443/x",
    "https://user@mmg.whatsapp.net/x",
    "https://127.0.0.1/x",
    "file:///etc/passwd",
    "nonsense",
  ])("refuses %s without asking it", async (url) => {
    const media = { kind: "image" as const, ref: `${url}#${Buffer.alloc(32).toString("base64")}` };
    const loading = collect(download(media, { fetch: noFetch, webSocketUrl: undefined, signal }));
    await expect(loading).rejects.toMatchObject({ failure: "rejected" });
  });

  it("takes the host of a server of one's own, and only that one", () => {
    const own = "ws://127.0.0.1:5000/ws";
    expect(checkPlace("http://127.0.0.1:5000/mms/x", own).port).toBe("5000");
    expect(() => checkPlace("http://127.0.0.1:5001/mms/x", own)).toThrow(/WhatsApp's servers/);
  });

  it.each(["", "null", "#", "[1]", "/x#y"])("refuses a reference that is none: %s", async (ref) => {
    const loading = collect(download({ kind: "image", ref }, { fetch: noFetch, webSocketUrl: undefined, signal }));
    await expect(loading).rejects.toMatchObject({ failure: "rejected" });
  });

  it("makes a reference only of what can be loaded", () => {
    const mediaKey = Buffer.alloc(32);
    expect(toMediaRef("image", { url: "https://mmg.whatsapp.net/x", mediaKey })).toBeDefined();
    expect(toMediaRef("image", { url: "https://mmg.whatsapp.net/x", mediaKey: Buffer.alloc(31) })).toBeUndefined();
    expect(toMediaRef("image", { mediaKey })).toBeUndefined();
  });
});

describe("storing", () => {
  const put = (status: number, body: string) =>
    upload(
      encryptMedia(Buffer.from("x"), "image"),
      "image",
      { hostname: "mmg.whatsapp.net", auth: "a&b" },
      {
        fetch: async (input) => {
          expect(String(input)).toContain("auth=a%26b");
          return new Response(body, { status });
        },
        webSocketUrl: undefined,
        signal,
      },
    );

  it("tells where the file lies", async () => {
    const stored = await put(200, '{"url":"https://mmg.whatsapp.net/f","direct_path":"/f"}');
    expect(stored).toEqual({ url: "https://mmg.whatsapp.net/f", directPath: "/f" });
  });

  it.each([
    [413, "", "rejected"],
    [503, "", "retry"],
    [200, "{}", "retry"],
    [200, "<html>", "retry"],
  ])("tells what becomes of %i %s", async (status, body, failure) => {
    await expect(put(status, body)).rejects.toMatchObject({ failure });
  });
});
