/** Archived attributed strings: real streams, and broken and spiteful ones. */
import { describe, expect, it } from "vitest";
import { readAttributedBody } from "#main/channels/imessage/attributed-body.ts";
import { archive } from "#test/fakes/imessage-chat-db.ts";

/** What NSArchiver writes for these strings on macOS. */
const REAL = {
  "Hello, world":
    "040b73747265616d747970656481e803840140848484124e5341747472696275746564537472696e67008484084e534f626a656374008592" +
    "848484084e53537472696e67019484012b0c48656c6c6f2c20776f726c648684026949010c928484840c4e5344696374696f6e6172790094" +
    "840169008686",
  "mutable hello":
    "040b73747265616d747970656481e803840140848484194e534d757461626c6541747472696275746564537472696e67008484124e534174" +
    "7472696275746564537472696e67008484084e534f626a6563740085928484840f4e534d757461626c65537472696e67018484084e535374" +
    "72696e67019584012b0d6d757461626c652068656c6c6f8684026949010d928484840c4e5344696374696f6e6172790095840169008686",
  // With two attributes whose values are numbers.
  "I think Zoë really wants to see it":
    "040b73747265616d747970656481e803840140848484124e5341747472696275746564537472696e67008484084e534f626a656374008592" +
    "848484084e53537472696e67019484012b2349207468696e6b205a6fc3ab207265616c6c792077616e747320746f20736565206974868402" +
    "69490122928484840c4e5344696374696f6e61727900948401690292849696265f5f6b494d4261736557726974696e67446972656374696f" +
    "6e4174747269627574654e616d658692848484084e534e756d626572008484074e5356616c7565009484012a848401719dff86928496961d" +
    "5f5f6b494d4d657373616765506172744174747269627574654e616d658692849b9c9d9d00868686",
};
const HEAD = Buffer.from("\x04\x0bstreamtyped\x81\xe8\x03", "latin1");
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat([
    HEAD,
    ...parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))),
  ]);

describe("an archived text", () => {
  it.each(Object.entries(REAL))("is read: %s", (text, hex) => {
    expect(readAttributedBody(Buffer.from(hex, "hex"))).toEqual({ text, mentions: [] });
  });

  it.each([1, 127, 128, 129, 255, 256, 40_000])("is read at a length of %i bytes", (length) => {
    expect(readAttributedBody(archive("x".repeat(length)))?.text).toHaveLength(length);
  });

  it("names those who are mentioned, and not what only looks like it", () => {
    const mark = "__kIMMentionConfirmedMention";
    expect(readAttributedBody(archive("hi", { [mark]: "+15550001111" }))?.mentions).toEqual(["+15550001111"]);
    expect(readAttributedBody(archive(mark, { other: "+15550001111" }))?.mentions).toEqual([]);
    expect(readAttributedBody(archive("hi", { other: mark, x: "y" }))?.mentions).toEqual(["x"]);
  });

  it("is kept when what follows it cannot be read", () => {
    const whole = archive("kept", { a: "b" });
    const odd = Buffer.concat([whole.subarray(0, -6), Buffer.from([0x84, 0x01, 0x3f, 0x00])]);
    expect(readAttributedBody(odd)?.text).toBe("kept");
  });

  it("passes over numbers, arrays and structs", () => {
    const values = [1, 2, 3, 0x83, 0, 0, 0, 0, 0x82, 1, 2, 3, 4];
    const object = [0x84, 1, 0x40, 0x84, 0x85, 0x84, 1, 0x2b, 2];
    expect(readAttributedBody(bytes([0x84, 10], "[3c]{a=fq}", values, object, "ok", [0x86]))?.text).toBe("ok");
  });
});

describe("a spiteful stream", () => {
  const spite: Record<string, unknown> = {
    nothing: null,
    text: "streamtyped",
    empty: new Uint8Array(),
    "another format": Buffer.from("bplist00"),
    "a long length": bytes([0x84, 0x82, 0xff, 0xff, 0xff, 0xff]),
    "a negative length": bytes([0x84, 0xf0]),
    "a number of nothing": bytes([0xa0]),
    "an endless class": bytes([0x84, 1], "@", [0x84], Array.from({ length: 5000 }, () => [0x84, 0x84, 0, 0]).flat()),
    "nested objects": bytes([0x84, 1], "@", Array.from({ length: 5000 }, () => [0x84, 0x85, 0x92]).flat()),
    "nested arrays": bytes([0x84, 40], "[99999999[99999999[99999999[9999999@]]]]", [0x85]),
    "nested structs": bytes([0x84, 0x81, 0x88, 0x13], "{=".repeat(2500)),
    "a struct of nothing": bytes([0x84, 24], "[999999999[999999999{=}]]"),
    "an unknown type": bytes([0x84, 1], "?", [0]),
    "too much": Buffer.alloc(2 * 1024 * 1024, 0x92),
  };
  it.each(Object.entries(spite))("is nothing: %s", (_name, blob) => {
    const began = performance.now();
    expect(readAttributedBody(blob)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(500);
  });

  it("never throws, wherever it is cut or changed", () => {
    const whole = archive("some text", { __kIMMentionConfirmedMention: "+1555" });
    for (let at = 0; at < whole.length; at++) {
      readAttributedBody(whole.subarray(0, at));
      for (const byte of [0x00, 0x7f, 0x81, 0x82, 0x84, 0x85, 0x86, 0x92, 0xff]) {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        const read = readAttributedBody(changed);
        expect(typeof (read?.text ?? "")).toBe("string");
      }
    }
  });
});
