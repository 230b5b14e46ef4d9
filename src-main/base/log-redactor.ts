/**
 * Cuts secrets out of text: the second line of defence behind code that does not put them in. Knows the values it was
 * told of, and the shapes of common keys. Linear in the length of the text; never throws; never keeps the text.
 */

/** What stands where a secret was. */
export const CUT = "[redacted]";

export interface Redactor {
  /** From now on this value never passes. Values shorter than 6 characters are ignored: they would cut words. */
  addSecret(value: string): void;
  /** Cuts known values, and what looks like a secret. */
  redact(text: string): string;
  /** Cuts known values only: for text that was already looked through, such as a finished log line. */
  redactKnown(text: string): string;
}

/*
 * Each pattern starts at a word's boundary and has bounded or delimited parts, so that no text makes it slow. Prefixes
 * are those that the services document for their keys.
 */
const SHAPES: readonly RegExp[] = [
  // PEM private keys, to the end mark or the end of the text.
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}-----|$)/g,
  // Anthropic, OpenAI and their like; Groq; Hugging Face; GitHub; Slack; Google; AWS; npm; Stripe.
  /(?<![A-Za-z0-9_-])(?:sk|rk|pk)[-_](?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{16,}/g,
  /(?<![A-Za-z0-9_-])(?:gsk|hf|gh[pousr]|npm|github_pat)_[A-Za-z0-9_]{20,}/g,
  /(?<![A-Za-z0-9_-])(?:xox[abceoprs]|xapp)-[A-Za-z0-9-]{10,}/g,
  /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{30,}/g,
  /(?<![A-Za-z0-9_-])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])/g,
  // Telegram: bot id, colon, 35 characters.
  /(?<![A-Za-z0-9_])(?:bot)?\d{6,12}:[A-Za-z0-9_-]{30,}/g,
  // Discord: three parts in base64url.
  /(?<![A-Za-z0-9_.-])[MNO][A-Za-z0-9_-]{20,30}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}/g,
  // JSON Web Tokens (RFC 7519).
  /(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?/g,
];

/** What names the secret stays, the secret goes: an Authorization header, an address with a password, `token=…`. */
const NAMED: readonly RegExp[] = [
  /\b(Bearer|Basic)(\s{1,4})[A-Za-z0-9._~+/=-]{8,}/gi,
  /(:\/\/)([^\s/:@?#]{0,128}):[^\s/@?#]{1,256}(?=@)/g,
  /((?:api[_-]?key|access[_-]?key|token|secret|password|passwd|passphrase))(["']{0,2}\s{0,4}[=:]\s{0,4}["']?)(?=[^\s"'&,;]{0,64}\d)[^\s"'&,;]{6,512}/gi,
];

/** True when the text holds something shaped like a secret. */
export function looksSecret(text: string): boolean {
  return SHAPES.some((shape) => text.search(shape) >= 0) || /:\/\/[^\s/:@?#]{0,128}:[^\s/@?#]{1,256}@/.test(text);
}

const SECRET_NAME =
  /(?:tokens?|secrets?|passwords?|passwd|passphrase|credentials?|authorization|bearer|cookies?|api_?-?keys?|private_?-?key|[a-z0-9]Key|[-_]key|[-_]auth)$/;
const NOT_SECRET_NAME = /(?:public|session|idempotency|routing|sort|primary|foreign|cache|partition)[-_]?key$/i;

/**
 * True for names of fields that hold a secret: `token`, `botToken`, `apiKey`, `client_secret`, `X-Api-Key`. Counts
 * such as `maxTokens` and names of keys that are none, such as `sessionKey`, are not.
 */
export function isSecretName(name: string): boolean {
  if (NOT_SECRET_NAME.test(name)) return false;
  return SECRET_NAME.test(name) || SECRET_NAME.test(name.toLowerCase());
}

/** The forms in which a value shows up in other text: as it is, in JSON, in an address. */
function formsOf(value: string): string[] {
  const forms = new Set([value, JSON.stringify(value).slice(1, -1)]);
  try {
    forms.add(encodeURIComponent(value));
  } catch {
    // A lone surrogate has no form in an address.
  }
  return [...forms];
}

export function createRedactor(): Redactor {
  const known = new Set<string>();
  const redactKnown = (text: string) => {
    let result = text;
    for (const value of known) if (result.includes(value)) result = result.replaceAll(value, CUT);
    return result;
  };
  return {
    addSecret(value) {
      const trimmed = value.trim();
      if (trimmed.length < 6) return;
      for (const form of formsOf(trimmed)) known.add(form);
    },
    redactKnown,
    redact(text) {
      let result = redactKnown(text);
      for (const shape of SHAPES) result = result.replace(shape, CUT);
      for (const named of NAMED) {
        result = result.replace(named, (_all, first: string, second: string) =>
          first === "://" ? `${first}${second}:${CUT}` : `${first}${second}${CUT}`,
        );
      }
      return result;
    },
  };
}
