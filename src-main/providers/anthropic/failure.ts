/**
 * From what the SDK throws to ProviderError. Reads errors by their fields, so that nothing of the SDK is loaded for it.
 * Must never let a key or a request into a message.
 */
import { networkCauseOf, retryAfterOf, withoutSecrets } from "#main/base/http/failure.ts";
import { ADVICE, ProviderError, type ProviderContext, type ProviderFailure } from "../contract.ts";

const TOO_LONG = /prompt is too long|context (window|length)|too many tokens|exceed context limit|request_too_large/i;
const NO_MONEY = /credit balance|billing|spend limit/i;

const WHAT_TO_DO: Record<ProviderFailure, string> = {
  ...ADVICE,
  network: "Check the connection to the internet.",
  format: "Try again; if it stays, check its address.",
};

/** The kinds by the service's own error types, which also come inside a stream, without a status. */
const BY_TYPE: Readonly<Record<string, ProviderFailure>> = {
  authentication_error: "auth",
  permission_error: "auth",
  billing_error: "billing",
  rate_limit_error: "rate_limit",
  overloaded_error: "overloaded",
  not_found_error: "no_model",
  request_too_large: "context_length",
  timeout_error: "timeout",
  api_error: "server",
  invalid_request_error: "bad_request",
};

/** The failure kind of a refusal. */
export function failureOf(status: number | undefined, type: string, words: string): ProviderFailure {
  if (status === 402 || (status !== 429 && NO_MONEY.test(words) && (status ?? 400) < 500)) return "billing";
  if (status === 413 || ((status === undefined || status === 400) && TOO_LONG.test(words))) return "context_length";
  const known = BY_TYPE[type];
  if (known !== undefined) return known;
  if (status === undefined) return "server";
  if (status === 401 || status === 403) return "auth";
  if (status === 404) return "no_model";
  if (status === 408 || status === 504) return "timeout";
  if (status === 429) return "rate_limit";
  if (status === 529 || status === 503) return "overloaded";
  return status >= 500 ? "server" : "bad_request";
}

/** Turns anything thrown by a call into a ProviderError; one that already is stays. */
export function toProviderError(thrown: unknown, context: ProviderContext): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  const secrets = [context.apiKey(), ...Object.values(context.headers)];
  const fields: Record<string, unknown> = thrown instanceof Error ? { ...thrown, name: thrown.name } : {};
  const status = typeof fields["status"] === "number" ? fields["status"] : undefined;
  if (thrown instanceof SyntaxError || thrown instanceof RangeError) {
    return new ProviderError("format", `${context.id} sent an answer that cannot be read. ${WHAT_TO_DO.format}`);
  }
  if (status === undefined && fields["error"] === undefined) {
    const why = withoutSecrets(networkCauseOf(thrown), secrets);
    return new ProviderError("network", `${context.id} cannot be reached or broke off: ${why}. ${WHAT_TO_DO.network}`, {
      cause: thrown,
    });
  }
  const type = typeof fields["type"] === "string" ? fields["type"] : "";
  const said = withoutSecrets(wordsOf(thrown, fields), secrets).replace(/[.\s]+$/, "");
  const failure = failureOf(status, type, `${said} ${type}`);
  const how = status === undefined ? "broke off with an error" : `answered ${status}`;
  const retryAfterMs =
    fields["headers"] instanceof Headers ? retryAfterOf(fields["headers"], context.clock.now()) : undefined;
  return new ProviderError(failure, `${context.id} ${how}${said === "" ? "" : `: ${said}`}. ${WHAT_TO_DO[failure]}`, {
    ...(status === undefined ? {} : { status }),
    // A wait told with the headers of a stream that began well is not meant for its error.
    ...(retryAfterMs === undefined || status === undefined ? {} : { retryAfterMs }),
  });
}

/** `error.message` of the body, else the body's text unless it is a web page. */
function wordsOf(thrown: unknown, fields: Record<string, unknown>): string {
  const message = fields["apiMessage"];
  if (typeof message === "string") return message;
  const text = thrown instanceof Error ? thrown.message : "";
  return text.includes("<") ? "" : text.replace(/^\d{3} /, "");
}
