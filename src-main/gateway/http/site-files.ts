/**
 * The files of the served page, read once, kept in memory, compressed when first asked for. Opens nothing outside its
 * folder: the real path decides, so that a link that leads out is no file. Never writes.
 */
import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { getMimeType, mimes } from "hono/utils/mime";

export interface SiteFile {
  bytes: Uint8Array<ArrayBuffer>;
  mime: string;
  /** Without quotes; differs by content. */
  tag: string;
  /** True when the name holds a hash of the content: it may be kept for ever. */
  isImmutable: boolean;
}

export type Encoding = "br" | "gzip" | "identity";

export interface SiteFiles {
  /** A file by its path below the folder, `/` between segments; undefined: there is none. */
  find(path: string): Promise<SiteFile | undefined>;
  /** The bytes of a file in an encoding; falls back to the plain ones where compressing does not pay. */
  encode(file: SiteFile, encoding: Encoding): Promise<{ bytes: Uint8Array<ArrayBuffer>; encoding: Encoding }>;
}

const MIMES: Readonly<Record<string, string>> = { ...mimes, svg: "image/svg+xml", wav: "audio/wav" };

/** Vite's names: `assets/index-B1x9_k2Q.js`. */
const HASHED_NAME = /^assets\/(?:.*[/])?[^/]*-[A-Za-z0-9_-]{8}\.[a-z0-9.]+$/;
const COMPRESSIBLE = /^(?:text\/|application\/(?:json|manifest|wasm)|image\/svg)/;
/** Below this the header costs more than is saved. */
const MIN_COMPRESSED_BYTES = 1024;
/** A build has a few megabytes; what is larger is not the page. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** Makes the file of a content that is not on the disk as it is sent (the page with its base address). */
export function toSiteFile(path: string, content: Uint8Array): SiteFile {
  const bytes = new Uint8Array(content);
  return {
    bytes,
    mime: getMimeType(path, MIMES) ?? "application/octet-stream",
    tag: createHash("sha256").update(bytes).digest("base64url").slice(0, 22),
    isImmutable: HASHED_NAME.test(path),
  };
}

interface Kept {
  file: SiteFile;
  /** Of the file when it was read: another one is read again. */
  mtimeMs: number;
  size: number;
}

/** The real path of a regular file below the folder, or undefined. */
async function resolveInside(root: string, path: string): Promise<string | undefined> {
  if (path === "" || path.endsWith("/") || (process.platform === "win32" && path.includes(":"))) return undefined;
  try {
    const realRoot = await realpath(root);
    const real = await realpath(join(root, ...path.split("/")));
    return real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep) ? real : undefined;
  } catch {
    return undefined;
  }
}

async function compress(file: SiteFile, encoding: Exclude<Encoding, "identity">): Promise<Uint8Array<ArrayBuffer>> {
  const packed =
    encoding === "gzip"
      ? await promisify(gzip)(file.bytes, { level: 6 })
      : await promisify(brotliCompress)(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  return new Uint8Array(packed);
}

/** @param root absolute path of the folder; may be missing now and appear later */
export function createSiteFiles(root: string): SiteFiles {
  const kept = new Map<string, Kept>();
  const packed = new WeakMap<SiteFile, Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>>();
  return {
    async find(path) {
      const known = kept.get(path);
      if (known?.file.isImmutable) return known.file;
      const real = await resolveInside(root, path);
      if (real === undefined) return undefined;
      const facts = await stat(real);
      if (!facts.isFile() || facts.size > MAX_FILE_BYTES) return undefined;
      if (known && known.mtimeMs === facts.mtimeMs && known.size === facts.size) return known.file;
      const file = toSiteFile(path, await readFile(real));
      kept.set(path, { file, mtimeMs: facts.mtimeMs, size: facts.size });
      return file;
    },
    async encode(file, encoding) {
      const pays = file.bytes.length >= MIN_COMPRESSED_BYTES && COMPRESSIBLE.test(file.mime);
      if (encoding === "identity" || !pays) return { bytes: file.bytes, encoding: "identity" };
      const versions = packed.get(file) ?? new Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>();
      packed.set(file, versions);
      const version = versions.get(encoding) ?? compress(file, encoding);
      versions.set(encoding, version);
      return { bytes: await version, encoding };
    },
  };
}
