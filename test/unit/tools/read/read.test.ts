import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refused } from "#main/base/errors.ts";
import { imageTypeOf, readTool } from "#main/tools/read/index.ts";
import { MAX_OUTPUT, readLines } from "#main/tools/read/lines.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

let base: string;
let workspace: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "read-"));
  workspace = join(base, "workspace");
  await mkdir(workspace);
});
afterEach(() => rm(base, { recursive: true, force: true }));

function read(path: string, offset?: number, limit?: number, signal = new AbortController().signal) {
  const args = { path, ...(offset === undefined ? {} : { offset }), ...(limit === undefined ? {} : { limit }) };
  return readTool.run(args, createToolContext({ workspace, signal }), { summary: "read" });
}

const put = (name: string, content: string | Uint8Array) => writeFile(join(workspace, name), content);
const refusal = async (path: string): Promise<string> => {
  const thrown: unknown = await read(path).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Refused);
  return (thrown as Refused).message;
};

describe("read", () => {
  it("[H02] numbers lines from 1", async () => {
    await put("a.txt", "one\ntwo\nthree\n");
    expect(await read("a.txt")).toEqual({ text: "1: one\n2: two\n3: three", untrusted: "file a.txt", verbatim: true });
  });
  it("[H02] starts at offset and stops after limit lines", async () => {
    await put("a.txt", "one\ntwo\nthree\nfour");
    expect((await read("a.txt", 2, 2)).text).toBe("2: two\n3: three");
    expect((await read("a.txt", 4)).text).toBe("4: four");
  });
  it("[H02] says so past the end and of an empty file", async () => {
    await put("a.txt", "one\n");
    await put("empty.txt", "");
    expect((await read("a.txt", 2)).text).toBe("(empty or beyond file end)");
    expect((await read("a.txt", 99)).text).toBe("(empty or beyond file end)");
    expect((await read("empty.txt")).text).toBe("(empty or beyond file end)");
  });
  it("[H02] keeps empty lines and drops the carriage return of Windows lines", async () => {
    await put("a.txt", "one\r\n\r\n\nlast");
    expect((await read("a.txt")).text).toBe("1: one\n2: \n3: \n4: last");
  });
  it("takes an absolute path inside the workspace, and names with spaces and other scripts", async () => {
    await put("ä b 日.txt", "x");
    expect((await read(join(workspace, "ä b 日.txt"))).text).toBe("1: x");
  });
  it("keeps characters whole across the pieces it reads", async () => {
    const line = "日本語".repeat(40_000 / 3);
    await put("a.txt", `x${line}\n`);
    const { text } = await read("a.txt");
    expect(text).toBe(`1: x${line}`);
  });
  it("is a level 1 call", () => {
    expect(readTool.level({ path: "a" })).toBe(1);
  });
});

describe("read within bounds", () => {
  it("cuts at 256 KiB with a mark that says where to go on", async () => {
    await put("big.txt", `${"x".repeat(99)}\n`.repeat(5000));
    const { text } = await read("big.txt");
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_OUTPUT + 500);
    const next = Number(/go on with offset=(\d+)\]$/.exec(text)?.[1]);
    expect(next).toBeGreaterThan(2000);
    expect((await read("big.txt", next, 1)).text).toBe(`${next}: ${"x".repeat(99)}`);
  });
  it("cuts inside a line that is too long", async () => {
    await put("line.txt", "é".repeat(400_000));
    const { text } = await read("line.txt");
    expect(text).toContain("[cut here, in line 1");
    expect(text).not.toContain("\ufffd");
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_OUTPUT + 500);
  });
  it("reads no more of a huge file than it needs", async () => {
    await put("huge.txt", "first\nsecond\n");
    await truncate(join(workspace, "huge.txt"), 20 * 1024 * 1024 * 1024);
    const handle = await open(join(workspace, "huge.txt"));
    let bytes = 0;
    const counting = new Proxy(handle, {
      get: (target, key) =>
        key === "read"
          ? async (buffer: Buffer, at: number, length: number, position: number) => {
              bytes += length;
              return target.read(buffer, at, length, position);
            }
          : Reflect.get(target, key),
    });
    const text = await readLines(counting, { offset: 1, limit: 2, signal: new AbortController().signal });
    await handle.close();
    expect(text).toBe("1: first\n2: second");
    expect(bytes).toBeLessThanOrEqual(64 * 1024);
  });
  it("stops on abort", async () => {
    await put("a.txt", "x");
    await expect(read("a.txt", 1, 1, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("read stays in the workspace", () => {
  beforeEach(() => writeFile(join(base, "secret.txt"), "secret"));

  it("refuses a path that leads out", async () => {
    for (const path of ["../secret.txt", join(base, "secret.txt"), "a/../../secret.txt", "/etc/passwd"]) {
      expect(await refusal(path)).toContain("leads out of the workspace");
    }
  });
  it("refuses a sibling whose name only begins like the workspace", async () => {
    await mkdir(`${workspace}-other`);
    await writeFile(join(`${workspace}-other`, "x"), "x");
    expect(await refusal("../workspace-other/x")).toContain("leads out");
  });
  it("refuses links that leave, of a file and of a folder on the way, and follows those that stay", async () => {
    await symlink(join(base, "secret.txt"), join(workspace, "link"));
    await symlink(base, join(workspace, "folder"));
    await put("a.txt", "inside");
    await symlink("a.txt", join(workspace, "good"));
    expect(await refusal("link")).toContain("leads out");
    expect(await refusal("folder/secret.txt")).toContain("leads out");
    expect((await read("good")).text).toBe("1: inside");
  });
  it("refuses a file with a second name, which a plain path check would let through", async () => {
    await link(join(base, "secret.txt"), join(workspace, "hard"));
    expect(await refusal("hard")).toContain("hard link");
    await rm(join(base, "secret.txt"));
    expect((await read("hard")).text).toBe("1: secret");
  });
  it("works where the workspace itself is reached over a link", async () => {
    await put("a.txt", "x");
    await symlink(workspace, join(base, "alias"));
    workspace = join(base, "alias");
    expect((await read("a.txt")).text).toBe("1: x");
    expect((await read(join(workspace, "a.txt"))).text).toBe("1: x");
  });
  it("does not hang on a pipe and opens no device", async () => {
    execFileSync("mkfifo", [join(workspace, "pipe")]);
    await symlink("/dev/zero", join(workspace, "zero"));
    expect(await refusal("pipe")).toContain("not a plain file");
    expect(await refusal("zero")).toContain("leads out");
  });
  it("shows what is in a folder instead of it", async () => {
    await mkdir(join(workspace, "sub"));
    await put("sub/b.txt", "");
    await mkdir(join(workspace, "sub", "c"));
    expect(await refusal("sub")).toContain("b.txt\nc/");
    expect(await refusal("sub/c")).toContain("empty folder");
  });
  it("says what is missing", async () => {
    expect(await refusal("nothing.txt")).toContain("does not exist");
    await put("a.txt", "");
    expect(await refusal("a.txt/b")).toContain("does not exist");
    expect(await refusal("a\0b")).toContain("zero byte");
    expect(await refusal("loop".repeat(2000))).toContain("too long");
    await symlink("loop", join(workspace, "loop"));
    expect(await refusal("loop")).toContain("without an end");
  });
});

describe("read of other files", () => {
  const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

  it("refuses binary files by their content", async () => {
    await put("a.txt", Buffer.from([1, 2, 0, 3]));
    expect(await refusal("a.txt")).toContain("binary");
  });
  it("returns pictures as pictures, whatever they are called", async () => {
    await put("a.txt", PNG);
    expect(await read("a.txt")).toEqual({
      text: `'a.txt' is a picture (image/png, ${PNG.length} bytes).`,
      images: [{ mimeType: "image/png", data: PNG.toString("base64") }],
    });
  });
  it("knows four formats, and no text that looks alike", () => {
    const type = (text: string) => imageTypeOf(Buffer.from(text, "latin1"));
    expect(type("\xff\xd8\xff\xe0")).toBe("image/jpeg");
    expect(type("GIF89a")).toBe("image/gif");
    expect(type("RIFF\0\0\0\0WEBPVP8 ")).toBe("image/webp");
    expect(type("RIFF\0\0\0\0WAVE")).toBeUndefined();
    expect(type("GIF is a format")).toBeUndefined();
    expect(type("")).toBeUndefined();
  });
  it("refuses a picture that is too large for a model", async () => {
    await put("a.png", Buffer.concat([PNG, Buffer.alloc(4_000_000)]));
    expect(await refusal("a.png")).toContain("at most");
  });
});
