/**
 * `POST /channels/<id>/webhook`: where platforms knock. The plug proves the request by its signature over the raw body;
 * no credential of ours is asked for, and nothing else is reachable here. Who fails too often waits.
 */
import { Hono, type Context } from "hono";
import { messageOf } from "#main/base/errors.ts";
import { readRawBody } from "./body.ts";
import type { HttpDeps, HttpEnv } from "./deps.ts";
import { refuse } from "./failures.ts";

/** Events of platforms are small; media are fetched, not sent. */
const MAX_BYTES = 1024 * 1024;
/** Refused requests of one address in a minute. */
const MAX_REFUSED = 20;
const WINDOW_MS = 60_000;

export function webhookRoutes({ clock, log, webhookOf }: Pick<HttpDeps, "clock" | "log" | "webhookOf">): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const refused = new Map<string, { count: number; until: number }>();
  /** Counts a refusal. What is right passes always: behind a proxy all requests have one address. */
  const limit = (address: string): number => {
    const now = clock.now();
    for (const [known, { until }] of refused) if (until <= now) refused.delete(known);
    const count = (refused.get(address)?.count ?? 0) + 1;
    refused.set(address, { count, until: now + WINDOW_MS });
    return count > MAX_REFUSED ? WINDOW_MS : 0;
  };
  const handle = (channel: string, account: string) => async (c: Context<HttpEnv>) => {
    const { incoming } = c.env;
    const address = incoming.socket.remoteAddress ?? "";
    const webhook = webhookOf(channel, account);
    if (!webhook) return refuse(c, 404, "there is no such webhook", { close: true });
    const single = Object.entries(incoming.headers).filter(
      (pair): pair is [string, string] => typeof pair[1] === "string",
    );
    const headers = Object.fromEntries(single);
    let wasTooLarge = false;
    const readBody = async () => {
      const body = await readRawBody(incoming, clock, MAX_BYTES);
      if (body.ok) return body.value;
      wasTooLarge = true;
      throw new Error(body.failure.message);
    };
    try {
      const answer = await webhook({ headers, query: new URL(c.req.url).search.slice(1), readBody });
      if (answer.status === 401 || answer.status === 403) {
        log.warn("a webhook request was refused", { channel, account, status: answer.status });
        const retryAfterMs = limit(address);
        if (retryAfterMs > 0) return refuse(c, 429, "too many refused requests", { close: true, retryAfterMs });
      }
      return new Response(answer.body ?? "", { status: answer.status, headers: { ...answer.headers } });
    } catch (error) {
      // It could not be written down, or not be read: the platform brings it again.
      log.warn("a webhook request could not be taken", { channel, account, error: messageOf(error) });
      return refuse(c, wasTooLarge ? 413 : 503, "not taken; try again", { close: wasTooLarge });
    }
  };
  app.post("/:channel/webhook", (c) => handle(c.req.param("channel"), "default")(c));
  app.post("/:channel/:account/webhook", (c) => handle(c.req.param("channel"), c.req.param("account"))(c));
  return app;
}
