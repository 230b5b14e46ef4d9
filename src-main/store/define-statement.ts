/**
 * Statements of the way of a message: built and compiled once, which costs more than most of them take, and then run with
 * other values. What is built must not depend on a value, only on which ones there are.
 */
import type { Compilable, CompiledQuery, QueryResult } from "kysely";
import type { Database } from "./database.ts";

/** Stands for a value while a statement is built. */
class Blank {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * @param build called with blanks in place of the values; a name without a value (`undefined`) is not there
 * @returns runs it; throws what the database says
 */
export function defineStatement<V extends object, R>(
  build: (db: Database, values: V) => Compilable<R>,
): (db: Database, values: V) => Promise<QueryResult<R>> {
  const made = new Map<string, CompiledQuery<R>>();
  return (db, values) => {
    const given = values as Readonly<Record<string, unknown>>;
    let names = "";
    for (const name of Object.keys(given)) if (given[name] !== undefined) names += `${name},`;
    let query = made.get(names);
    if (query === undefined) {
      const there = Object.keys(given).filter((name) => given[name] !== undefined);
      const blanks = Object.fromEntries(there.map((name) => [name, new Blank(name)]));
      query = build(db, blanks as V).compile();
      made.set(names, query);
    }
    const parameters = query.parameters.map((part) => (part instanceof Blank ? given[part.name] : part));
    return db.executeQuery({ ...query, parameters });
  };
}
