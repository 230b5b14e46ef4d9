/** The search services, each in its own wire format, on one played site: `/exa`, `/brave`, `/tavily`, `/searxng`, `/ddg`. */
import type { SiteHandler } from "./site.ts";

export interface SearchKeys {
  exa?: string;
  brave?: string;
  tavily?: string;
}

export interface Hit {
  title: string;
  url: string;
  text: string;
}

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** As html.duckduckgo.com answers, an advertisement first. */
export function duckPage(hits: readonly Hit[]): string {
  const ad =
    '<div class="result results_links result--ad"><h2 class="result__title"><a rel="nofollow" class="result__a" href="https://duckduckgo.com/y.js?ad_domain=shop.test&amp;u3=x">Buy now</a></h2><a class="result__snippet" href="https://duckduckgo.com/y.js?x">Cheap</a></div>';
  const results = hits.map(({ title, url, text }) => {
    const href = `//duckduckgo.com/l/?uddg=${encodeURIComponent(url)}&amp;rut=0123456789abcdef`;
    return `
    <div class="result results_links results_links_deep web-result ">
      <div class="links_main links_deep result__body">
        <h2 class="result__title"><a rel="nofollow" class="result__a" href="${href}">${escape(title)}</a></h2>
        <div class="result__extras"><div class="result__extras__url"><a class="result__url" href="${href}"> site </a></div></div>
        <a class="result__snippet" href="${href}">${escape(text).replace("page", "<b>page</b>")}</a>
        <div class="clear"></div>
      </div>
    </div>`;
  });
  const none = '<div class="no-results">No results.</div>';
  return `<!DOCTYPE html><html><body><div id="links" class="results">${hits.length === 0 ? none : ad + results.join("")}</div></body></html>`;
}

/** Answers searches; a wrong key gets 401. */
export function searchServices(hits: readonly Hit[], keys: SearchKeys = {}): SiteHandler {
  return (request, response) => {
    const url = new URL(request.url, "http://search.test");
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    const asked = request.body === "" ? {} : (JSON.parse(request.body) as Record<string, unknown>);
    const { headers } = request;
    switch (`${request.method} ${url.pathname}`) {
      case "POST /exa/search": {
        if (headers["x-api-key"] !== keys.exa) return json(401, { error: "Invalid API key" });
        const results = hits.slice(0, Number(asked["numResults"]));
        return json(200, {
          requestId: "r",
          results: results.map((hit) => ({ ...hit, id: hit.url, publishedDate: "2026-01-01" })),
        });
      }
      case "GET /brave/res/v1/web/search": {
        if (headers["x-subscription-token"] !== keys.brave) return json(401, { type: "ErrorResponse" });
        const results = hits.slice(0, Number(url.searchParams.get("count")));
        const entries = results.map(({ title, url: address, text }) => ({
          title,
          url: address,
          description: text.replace("page", "<strong>page</strong>"),
        }));
        return json(200, { type: "search", query: {}, web: { type: "search", results: entries } });
      }
      case "POST /tavily/search": {
        if (headers.authorization !== `Bearer ${keys.tavily}`) return json(401, { detail: { error: "Unauthorized" } });
        const results = hits.slice(0, Number(asked["max_results"]));
        return json(200, {
          query: asked["query"],
          results: results.map(({ title, url: address, text }) => ({ title, url: address, content: text, score: 0.9 })),
        });
      }
      case "GET /searxng/search": {
        if (url.searchParams.get("format") !== "json") return json(403, {});
        const results = hits.map(({ title, url: address, text }) => ({
          title,
          url: address,
          content: text,
          engine: "x",
        }));
        return json(200, { query: url.searchParams.get("q"), results });
      }
      case "GET /ddg/html/":
        response.writeHead(200, { "content-type": "text/html; charset=UTF-8" });
        return void response.end(duckPage(hits));
      default:
        return json(404, {});
    }
  };
}
