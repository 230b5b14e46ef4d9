/** What a route finds in Hono's context: Node's request and response, and what the guard found out. Types only. */
import type { HttpBindings } from "@hono/node-server";
import type { Scope } from "#main/protocol/scopes.ts";

export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: {
    /** Set by the guard; absent on static files and probes. */
    scopes: ReadonlySet<Scope>;
  };
}
