import { expect, it } from "vitest";
import { toBlocks } from "#main/routing/attachments.ts";

const base64 = (bytes: readonly number[] | string) => Buffer.from(bytes as string).toString("base64");
const PNG = base64([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

it.each([
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d]],
  ["image/jpeg", [0xff, 0xd8, 0xff, 0xe0]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38, 0x39]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46, 1, 2, 3, 4, 0x57, 0x45, 0x42, 0x50]],
] as const)("[H23] knows %s by its bytes, whatever it is called", (mimeType, bytes) => {
  const [block] = toBlocks([{ content: base64(bytes), mimeType: "text/plain", fileName: "a.txt" }]);
  expect(block).toEqual({ type: "image", mimeType, data: base64(bytes), fileName: "a.txt" });
});

it("[H23] takes text as a file with its words, and a data URL like plain base64", () => {
  const content = `data:text/markdown;base64,${base64("# Grüße 你好")}`;
  expect(toBlocks([{ content, fileName: "a.md", mimeType: "text/markdown" }])).toEqual([
    { type: "file", mimeType: "text/markdown", fileName: "a.md", text: "# Grüße 你好" },
  ]);
  expect(toBlocks([{ content: base64("x") }])[0]).toMatchObject({ fileName: "attachment 1", mimeType: "text/plain" });
});

it.each([
  ["is not valid base64", { content: "not base64!", fileName: "f" }],
  ["is neither a picture", { content: base64([0, 1, 2]), fileName: "f" }],
  ["is neither a picture", { content: base64([0xc3, 0x28]), fileName: "f" }],
  ["larger than 256 KB", { content: Buffer.alloc(256 * 1024 + 1, 97).toString("base64"), fileName: "f" }],
  ["larger than 5 MB", { content: Buffer.alloc(5 * 1024 * 1024 + 1, 97).toString("base64"), fileName: "f" }],
])("[I15] refuses what %s, and names the file", (words, attachment) => {
  expect(() => toBlocks([attachment])).toThrow(words);
  expect(() => toBlocks([attachment])).toThrow(/\bf\b/);
});

it("[I15] counts all attachments together", () => {
  const image = Buffer.concat([Buffer.from(PNG, "base64"), Buffer.alloc(3 * 1024 * 1024)]).toString("base64");
  expect(toBlocks([{ content: image }])).toHaveLength(1);
  expect(() => toBlocks([{ content: image }, { content: image, fileName: "second" }])).toThrow(
    /larger than 5 MB together \(at second\)/,
  );
});
