import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_OVERFLOW, OutputKeeper, OverflowFile } from "#main/base/process/output.ts";
import { tempState } from "#test/fakes/temp-state.ts";

const bytes = (text: string) => Buffer.from(text);

describe("kept output", () => {
  it("is whole while it fits, to the byte", () => {
    const keeper = new OutputKeeper(20);
    keeper.add(bytes("0123456789"));
    keeper.add(bytes("0123456789"));
    expect([keeper.text(), keeper.isOver]).toEqual([{ text: "01234567890123456789", dropped: 0 }, false]);
    keeper.add(bytes("x"));
    expect([keeper.text().text, keeper.isOver]).toEqual(["0123456789\n[… 1 bytes left out …]\n123456789x", true]);
  });
  it("is head and tail of what came, however it was divided, with whole characters", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 400 });
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 16, max: 200 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (all, cap, cuts) => {
          const keeper = new OutputKeeper(cap);
          const whole = bytes(all);
          let at = 0;
          for (const cut of [...cuts, whole.length]) {
            keeper.add(whole.subarray(at, at + cut));
            at += cut;
          }
          const { text: kept, dropped } = keeper.text();
          const isWhole = whole.length <= cap;
          const [head = "", tail = ""] = isWhole ? [kept] : kept.split(`\n[… ${dropped} bytes left out …]\n`);
          expect(whole.toString().startsWith(head) && whole.toString().endsWith(tail)).toBe(true);
          expect(bytes(head).length + bytes(tail).length + dropped).toBe(whole.length);
          expect(dropped > 0).toBe(!isWhole);
        },
      ),
    );
  });
  it("starts again when it is taken, and keeps an unfinished character for the next time", () => {
    const keeper = new OutputKeeper(100);
    keeper.add(Buffer.concat([bytes("a"), bytes("日").subarray(0, 2)]));
    expect(keeper.take(false)).toBe("a");
    keeper.add(bytes("日").subarray(2));
    expect([keeper.take(false), keeper.take(false)]).toEqual(["日", ""]);
    keeper.add(bytes("日").subarray(0, 2));
    expect(keeper.take(true)).toBe("\ufffd");
  });
});

describe("the file for the rest", () => {
  it("is made when first needed, private, in order", async () => {
    const file = new OverflowFile(join(tempState(), "a/b"), "x.txt");
    expect(file.isThere).toBe(false);
    await Promise.all([file.write(bytes("one ")), file.write(bytes("two"))]);
    await file.close();
    expect([readFileSync(file.path, "utf8"), file.isThere]).toEqual(["one two", true]);
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(file.path, "..")).mode & 0o777).toBe(0o700);
  });
  it("takes no more than it may", async () => {
    const file = new OverflowFile(tempState(), "x.txt");
    const piece = Buffer.alloc(MAX_OVERFLOW / 2 + 1);
    for (let i = 0; i < 3; i++) await file.write(piece);
    await file.close();
    expect([statSync(file.path).size, file.isFull]).toEqual([MAX_OVERFLOW, true]);
  });
  it("never takes the place of a file that is there, and goes on without", async () => {
    const dir = join(tempState(), "a");
    mkdirSync(dir);
    writeFileSync(join(dir, "x.txt"), "mine");
    const file = new OverflowFile(dir, "x.txt");
    await file.write(bytes("other"));
    await file.close();
    expect([readFileSync(file.path, "utf8"), file.isThere, file.isFull]).toEqual(["mine", false, true]);
  });
});
