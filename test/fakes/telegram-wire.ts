/**
 * The Bot API's wire format as its server reads it: JSON and multipart bodies, and the HTML of texts, judged more
 * strictly than Telegram does. Facts: core.telegram.org/bots/api, "Making requests" and "HTML style".
 */

export interface UploadedFile {
  bytes: Uint8Array;
  fileName?: string;
}

export interface CallBody {
  fields: Record<string, unknown>;
  /** By the field that refers to it. */
  files: Record<string, UploadedFile>;
}

export function readBody(contentType: string, body: Buffer): CallBody {
  if (body.length === 0) return { fields: {}, files: {} };
  const boundary = /^multipart\/form-data;\s*boundary=(.+)$/.exec(contentType)?.[1];
  if (boundary === undefined) return { fields: JSON.parse(body.toString()) as Record<string, unknown>, files: {} };
  const fields: Record<string, unknown> = {};
  const attached: Record<string, UploadedFile> = {};
  // Latin-1 keeps every byte as one character.
  for (const part of body.toString("latin1").split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf("\r\n\r\n");
    const head = Buffer.from(part.slice(0, end), "latin1").toString();
    const bytes = Buffer.from(part.slice(end + 4, -2), "latin1");
    const name = /name="([^"]*)"/.exec(head)?.[1] ?? "";
    const fileName = /filename="?([^"\r\n]*)/.exec(head)?.[1];
    if (fileName === undefined) fields[name] = fromText(bytes.toString());
    else attached[name] = { bytes, fileName };
  }
  const files: Record<string, UploadedFile> = {};
  for (const [field, value] of Object.entries(fields)) {
    const file = typeof value === "string" && value.startsWith("attach://") ? attached[value.slice(9)] : undefined;
    if (file) files[field] = file;
  }
  return { fields, files };
}

/** What is not a string is written as JSON in a form. */
function fromText(text: string): unknown {
  return /^[[{]/.test(text) || /^(true|false)$/.test(text) ? (JSON.parse(text) as unknown) : text;
}

const TAGS = /^(b|i|s|u|code|pre|a|blockquote)$/;
/** Kinds that may lie in none of their own. */
const ALONE = /^(a|blockquote|code|pre)$/;

/** The text without its markup. Throws an Error in Telegram's words where it would refuse, and where it would guess. */
export function readHtml(html: string): string {
  const open: string[] = [];
  let text = "";
  for (let at = 0; at < html.length;) {
    const rest = html.slice(at, at + 2500);
    if (rest.startsWith("<")) {
      const tag = /^<(\/?)([a-z]+)((?: [a-z]+="[^"<>]*")*)>/.exec(rest);
      if (tag === null) throw new Error(`can't parse entities: Unsupported start tag at byte offset ${at}`);
      takeTag(tag, open, at);
      at += tag[0].length;
      continue;
    }
    if (rest.startsWith(">")) throw new Error(`can't parse entities: a bare > at ${at}`);
    const entity = rest.startsWith("&") ? /^&(amp|lt|gt|quot);/.exec(rest) : null;
    if (rest.startsWith("&") && entity === null) throw new Error(`can't parse entities: a bare & at ${at}`);
    const piece = entity?.[0] ?? rest.charAt(0);
    text += entity === null ? piece : { amp: "&", lt: "<", gt: ">", quot: '"' }[entity[1] ?? ""];
    at += piece.length;
  }
  if (open.length > 0)
    throw new Error(`can't parse entities: Can't find end tag corresponding to start tag ${open[0]}`);
  return text.trim();
}

function takeTag([whole, slash, name = "", attributes = ""]: RegExpExecArray, open: string[], at: number): void {
  if (!TAGS.test(name)) throw new Error(`can't parse entities: Unsupported start tag "${name}" at byte offset ${at}`);
  if (slash === "/") {
    if (open.pop() !== name) throw new Error(`can't parse entities: Unmatched end tag ${whole} at byte offset ${at}`);
    return;
  }
  const isInCode = open.includes("code") || (open.includes("pre") && name !== "code");
  if (isInCode || (ALONE.test(name) && open.includes(name)))
    throw new Error(`can't parse entities: ${whole} lies wrong`);
  const allowed = name === "a" ? /^ href="[^"]*"$/ : name === "code" ? /^( class="language-[^"]*")?$/ : /^$/;
  if (!allowed.test(attributes)) throw new Error(`can't parse entities: ${whole} has a wrong attribute`);
  open.push(name);
}
