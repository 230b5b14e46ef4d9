import { expect, it } from "vitest";
import { readContent } from "#main/tools/web_fetch/content.ts";

const bytes = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding);

it("[H10] tells pages, text and everything else apart", () => {
  expect(readContent(bytes("<p>x"), "text/html; charset=utf-8")).toEqual({ kind: "html", text: "<p>x" });
  expect(readContent(bytes("<p>x"), "application/xhtml+xml").kind).toBe("html");
  expect(readContent(bytes(" <!DOCTYPE html><p>x"), undefined).kind).toBe("html");
  expect(readContent(bytes('{"a":1}'), "application/json")).toEqual({ kind: "text", text: '{"a":1}' });
  for (const type of [
    "text/plain",
    "text/markdown",
    "application/ld+json",
    "application/rss+xml",
    "application/javascript",
  ]) {
    expect(readContent(bytes("<p>x"), type)).toEqual({ kind: "text", text: "<p>x" });
  }
  expect(readContent(bytes("plain"), undefined).kind).toBe("text");
});
it("[H10] names the type of what is not text, by the header or by the bytes", () => {
  expect(readContent(bytes("%PDF-1.7"), "application/pdf")).toEqual({ kind: "binary", type: "application/pdf" });
  expect(readContent(bytes("%PDF-1.7"), "text/html")).toEqual({ kind: "binary", type: "application/pdf" });
  expect(readContent(bytes("x"), "application/octet-stream")).toEqual({
    kind: "binary",
    type: "application/octet-stream",
  });
  expect(readContent(bytes("x"), "image/png; q=1")).toEqual({ kind: "binary", type: "image/png" });
  expect(readContent(bytes("a\0b"), "text/plain")).toEqual({ kind: "binary", type: "unknown binary content" });
  expect(readContent(bytes("PK\x03\x04"), undefined)).toEqual({ kind: "binary", type: "application/zip" });
});
it("[H10] decodes by the byte order mark, the header or the page, in that order", () => {
  const latin = bytes("caf\xe9", "latin1");
  expect(readContent(latin, 'text/plain; charset="iso-8859-1"')).toMatchObject({ text: "café" });
  expect(readContent(Buffer.concat([bytes('<meta charset="windows-1252">'), latin]), "text/html")).toMatchObject({
    text: '<meta charset="windows-1252">café',
  });
  expect(readContent(Buffer.from([0xef, 0xbb, 0xbf, ...bytes("café")]), "text/plain; charset=latin1")).toMatchObject({
    text: "café",
  });
  expect(readContent(Buffer.from([0xff, 0xfe, ...bytes("é", "utf16le")]), "text/html")).toMatchObject({ text: "é" });
  expect(readContent(Buffer.from("93fa967b", "hex"), "text/plain; charset=shift_jis")).toMatchObject({ text: "日本" });
  expect(readContent(bytes("café"), "text/plain; charset=nonsense")).toMatchObject({ text: "café" });
});
