/**
 * From a compatible server's refusals to ProviderError. Pure. Must never let a key or a request into a message.
 */
import type { HttpAnswer } from "#main/base/http/client.ts";
import { networkCauseOf, retryAfterOf, withoutSecrets } from "#main/base/http/failure.ts";
import { ADVICE, ProviderError, type ProviderFailure } from "../contract.ts";
import { recordOf } from "./chunks.ts";

/** Who said no, for the message. */
export interface Service {
  /** The name under `llm.providers`. */
  id: string;
  /** Host and port, without credentials or path. */
  host: string;
  /** Values that must not appear in a message. */
  secrets: readonly (string | undefined)[];
}

const TOO_LONG =
  /context[_ ](length|window|size)|maximum context|too many tokens|prompt is too long|exceeds? the (available )?context/i;
const NO_MONEY = /insufficient_quota|billing|credit balance|payment/i;

const WHAT_TO_DO: Record<ProviderFailure, string> = {
  ...ADVICE,
  network: "Check its address and that it is running.",
  format: "Check that its address is that of an OpenAI-compatible service.",
};

/** The words of an error body: `{error: {message}}`, `{error: "…"}`, `{message}`, `{detail}`, or the text itself. */
export function wordsOf(body: unknown): string {
  if (typeof body === "string") return /^\s*</.test(body) ? "" : body;
  const record = recordOf(body);
  const error = record?.["error"];
  if (typeof error === "string") return error;
  const fields = [recordOf(error)?.["message"], record?.["message"], record?.["detail"]];
  return fields.find((field) => typeof field === "string") ?? "";
}

/** Which kind of failure a refusal is. `codes` are the body's `code` and `type`. */
export function failureOf(status: number | undefined, words: string, codes: string): ProviderFailure {
  const all = `${words} ${codes}`;
  if (status === 401 || status === 403 || /invalid_api_key|authentication/.test(codes)) return "auth";
  if (status === 402 || NO_MONEY.test(codes) || (status === 429 && NO_MONEY.test(words))) return "billing";
  if (status === 413 || (!isServerSide(status) && TOO_LONG.test(all))) return "context_length";
  if (status === 429 || /rate_limit/.test(codes)) return "rate_limit";
  if (status === 503 || status === 529 || /overloaded/.test(codes)) return "overloaded";
  if (status === 408 || status === 504) return "timeout";
  if (status === 404 || /model_not_found/.test(codes)) return "no_model";
  if (status !== undefined && status < 500) return "bad_request";
  return "server";
}

/** An HTTP status that is not 2xx. `body` is its JSON, or its text. */
export function toStatusError(service: Service, response: HttpAnswer, body: unknown, now: number): ProviderError {
  const words = withoutSecrets(wordsOf(body), service.secrets);
  if (response.status >= 300 && response.status < 400) {
    return new ProviderError(
      "bad_request",
      `${service.id} (${service.host}) redirects elsewhere (${response.status}), which is not followed. Set its baseUrl to the final address.`,
      { status: response.status },
    );
  }
  const failure = failureOf(response.status, words, codesOf(body));
  const retryAfterMs = retryAfterOf(response.headers, now);
  return new ProviderError(failure, sentence(service, `answered ${response.status}`, words, failure), {
    status: response.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** An `error` object that came inside a stream. */
export function toStreamError(service: Service, body: unknown): ProviderError {
  const words = withoutSecrets(wordsOf(body), service.secrets);
  const code = recordOf(recordOf(body)?.["error"])?.["code"];
  const status = typeof code === "number" ? code : undefined;
  const failure = failureOf(status, words, codesOf(body));
  return new ProviderError(failure, sentence(service, "broke off with an error", words, failure), {
    ...(status === undefined ? {} : { status }),
  });
}

/** No answer at all, or a connection that broke in the middle of one. */
export function toNetworkError(service: Service, thrown: unknown, during: "call" | "answer"): ProviderError {
  const why = withoutSecrets(networkCauseOf(thrown), service.secrets);
  const what = during === "call" ? "cannot be reached" : "broke off in the middle of the answer";
  return new ProviderError("network", `${service.id} (${service.host}) ${what}: ${why}. ${WHAT_TO_DO.network}`, {
    cause: thrown,
  });
}

/** An answer that is not in the format. */
export function toFormatError(service: Service, what: string): ProviderError {
  return new ProviderError("format", `${service.id} (${service.host}) ${what}. ${WHAT_TO_DO.format}`);
}

function sentence(service: Service, what: string, words: string, failure: ProviderFailure): string {
  const said = words === "" ? "" : `: ${words.replace(/[.\s]+$/, "")}`;
  return `${service.id} (${service.host}) ${what}${said}. ${WHAT_TO_DO[failure]}`;
}

function codesOf(body: unknown): string {
  const error = recordOf(recordOf(body)?.["error"]) ?? recordOf(body);
  return [error?.["code"], error?.["type"]].filter((code) => typeof code === "string").join(" ");
}

function isServerSide(status: number | undefined): boolean {
  return status !== undefined && (status >= 500 || status === 429);
}
