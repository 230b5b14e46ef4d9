/** A name server in a table. A name may answer differently each time: the last answer stays. */

export interface FakeResolver {
  resolve: (host: string) => Promise<readonly string[]>;
  /** Names asked for, in order. */
  asked: string[];
}

/**
 * @param table name → addresses, or a list of such answers for one look-up after the other
 */
export function createResolver(
  table: Readonly<Record<string, readonly string[] | readonly (readonly string[])[]>>,
): FakeResolver {
  const asked: string[] = [];
  const counts = new Map<string, number>();
  return {
    asked,
    async resolve(host) {
      asked.push(host);
      const entry = table[host];
      if (entry === undefined) throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
      const first = entry[0];
      if (first === undefined || typeof first === "string") return entry as readonly string[];
      const turn = counts.get(host) ?? 0;
      counts.set(host, turn + 1);
      return (entry[Math.min(turn, entry.length - 1)] ?? []) as readonly string[];
    },
  };
}
