/** What every place for secrets promises, whatever is behind it. */
import { expect, it } from "vitest";
import type { SecretStore } from "#main/secrets/contract.ts";
import { Refused } from "#main/base/errors.ts";

/** A back end under test. */
export interface SecretsSubject {
  /** Opens it anew over the same place: a restart. */
  open(): Promise<SecretStore>;
  /** True when a second `open` finds what the first kept. */
  durable: boolean;
}

const VALUES = ["plain", 'with spaces and "quotes"', "ünïcödé 漢字 🔑", "line\nbreak", "x".repeat(1500)];

export function describeStoringSecrets(start: () => Promise<SecretsSubject>): void {
  it("[A08] keeps a value and gives it back", async () => {
    const { open } = await start();
    const store = await open();
    expect(store).toMatchObject({ canStore: true, problem: undefined });
    for (const [index, value] of VALUES.entries()) {
      await store.set(`provider:p${index}:apiKey`, value);
      expect(store.get(`provider:p${index}:apiKey`)).toBe(value);
    }
    expect([...store.accounts()].sort()).toEqual(VALUES.map((_value, index) => `provider:p${index}:apiKey`));
  });

  it("[A08] finds it again after a restart", async () => {
    const { open, durable } = await start();
    const store = await open();
    for (const [index, value] of VALUES.entries()) await store.set(`a:${index}`, value);
    await store.set("gone", "soon");
    await store.delete("gone");
    const again = durable ? await open() : store;
    expect(VALUES.map((_value, index) => again.get(`a:${index}`))).toEqual(VALUES);
    expect(again.get("gone")).toBeUndefined();
  });

  it("replaces, deletes, and deletes again without complaint", async () => {
    const store = await (await start()).open();
    await store.set("a", "one");
    await store.set("a", "two");
    expect(store.get("a")).toBe("two");
    await store.delete("a");
    await store.delete("a");
    expect(store.get("a")).toBeUndefined();
    expect(store.accounts()).toEqual([]);
  });

  it("takes changes at once in the order they came", async () => {
    const { open, durable } = await start();
    const store = await open();
    await Promise.all([
      store.set("a", "1"),
      store.set("b", "1"),
      store.set("a", "2"),
      store.delete("b"),
      store.set("a", "3"),
    ]);
    const again = durable ? await open() : store;
    expect([again.get("a"), again.get("b")]).toEqual(["3", undefined]);
  });

  it("refuses an empty value, which would look like none", async () => {
    const store = await (await start()).open();
    await expect(store.set("a", "")).rejects.toBeInstanceOf(Refused);
    expect(store.get("a")).toBeUndefined();
  });
}

/** A store that cannot keep anything says so, and keeps nothing. */
export function describeNotStoringSecrets(start: () => Promise<SecretsSubject>): void {
  it("[PR-11] says that it cannot keep secrets, and what to do", async () => {
    const store = await (await start()).open();
    expect(store).toMatchObject({ backend: "environment", canStore: false });
    expect(store.problem).toMatch(/GATEHOUSE_SECRET_KEY|secrets\.backend/);
  });

  it("[PR-11] refuses to keep one, with the reason, and does not pretend that it did", async () => {
    const store = await (await start()).open();
    await expect(store.set("a", "value")).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining(store.problem ?? "?") as string,
    });
    expect(store.get("a")).toBeUndefined();
    expect(store.accounts()).toEqual([]);
    await store.delete("a");
  });
}
