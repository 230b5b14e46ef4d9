/**
 * What kind of content an answer holds, and its text. Pure. Must never guess a binary file into text.
 */

export type Content =
  | { kind: "html"; text: string }
  | { kind: "text"; text: string }
  /** `type` as the site calls it, or what its bytes say. */
  | { kind: "binary"; type: string };

const HTML = /^(text\/html|application\/xhtml\+xml)$/;
const TEXT =
  /^(text\/.+|.+[/+](json|xml|yaml)|application\/(json5|x-ndjson|javascript|ecmascript|toml|x-yaml|sql|graphql))$/;
/** Bytes looked at to tell what content is, and for a `<meta charset>` (the HTML standard looks at 1024). */
const HEAD = 1024;

/**
 * @param contentType the header, or undefined
 */
export function readContent(body: Uint8Array, contentType: string | undefined): Content {
  const type = /^\s*([\w.+-]+\/[\w.+-]+)/.exec(contentType ?? "")?.[1]?.toLowerCase();
  const head = Buffer.from(body.subarray(0, HEAD)).toString("latin1");
  const byBytes = binaryTypeOf(head);
  const mark = charsetOfMark(body);
  // A zero byte is no character in any encoding but UTF-16, which says so by its mark or its name.
  const named = /charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(contentType ?? "")?.[1];
  const isWide = /^utf-?16/i.test(mark ?? named ?? "");
  if (byBytes !== undefined || (head.includes("\0") && !isWide)) {
    return { kind: "binary", type: isBinaryType(type) ? type : (byBytes ?? "unknown binary content") };
  }
  if (isBinaryType(type)) return { kind: "binary", type };
  const looksHtml = type === undefined && /^\s*(<!doctype html|<html|<head|<body)/i.test(head);
  const isHtml = looksHtml || (type !== undefined && HTML.test(type));
  const inPage = isHtml ? /<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(head)?.[1] : undefined;
  const text = decode(body, mark ?? named ?? inPage);
  return { kind: isHtml ? "html" : "text", text };
}

function isBinaryType(type: string | undefined): type is string {
  return type !== undefined && !HTML.test(type) && !TEXT.test(type);
}

/** What the first bytes of common files say, whatever the header claims. Each format's own specification. */
function binaryTypeOf(head: string): string | undefined {
  const marks: readonly (readonly [string, string])[] = [
    ["%PDF-", "application/pdf"],
    ["PK\x03\x04", "application/zip"],
    ["\x89PNG\r\n", "image/png"],
    ["\xff\xd8\xff", "image/jpeg"],
    ["GIF8", "image/gif"],
    ["\x1f\x8b", "application/gzip"],
    ["\x7fELF", "a program"],
    ["OggS", "application/ogg"],
    ["ID3", "audio/mpeg"],
  ];
  return marks.find(([mark]) => head.startsWith(mark))?.[1];
}

function charsetOfMark(body: Uint8Array): string | undefined {
  const [a, b, c] = body;
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  return a === 0xfe && b === 0xff ? "utf-16be" : undefined;
}

/** An encoding nobody knows is read as UTF-8, with marks for what does not fit. */
function decode(body: Uint8Array, charset: string | undefined): string {
  try {
    return new TextDecoder(charset ?? "utf-8").decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}
