/**
 * Reads the body of an answer, decoded, up to a number of bytes: what unpacks to more is cut off while it unpacks.
 * Must never hold more than the cap and one chunk.
 */
import type { IncomingMessage } from "node:http";
import { pipeline, Transform, type Readable } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { NetworkError, RemoteError } from "../errors.ts";

/** What we say we can unpack. */
export const ACCEPT_ENCODING = "gzip, deflate, br";
/** Codings one inside the other; real services use one. */
const MAX_CODINGS = 2;
/** Bytes on the wire beyond the cap, for packed bodies that unpack to next to nothing. */
const RAW_SLACK = 64 * 1024;

export interface Body {
  bytes: Uint8Array;
  truncated: boolean;
}

/**
 * @param maxBytes of the decoded body; what is beyond is not read
 * @param onData called whenever something arrived
 * Throws RemoteError for a coding we did not ask for, NetworkError for a body that breaks off or cannot be unpacked.
 */
export async function readBody(response: IncomingMessage, maxBytes: number, onData: () => void): Promise<Body> {
  const decoders = decodersFor(response.headers["content-encoding"]);
  const gauge = createGauge(maxBytes + RAW_SLACK, onData);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked(response, [gauge.stream, ...decoders])) {
      const bytes = chunk as Buffer;
      if (size + bytes.length > maxBytes) {
        chunks.push(bytes.subarray(0, maxBytes - size));
        return { bytes: Buffer.concat(chunks), truncated: true };
      }
      size += bytes.length;
      chunks.push(bytes);
    }
  } catch (error) {
    if (gauge.isOver) return { bytes: Buffer.concat(chunks), truncated: true };
    throw new NetworkError("NETWORK", "The answer broke off or could not be unpacked.", { cause: error });
  } finally {
    response.destroy();
  }
  return { bytes: Buffer.concat(chunks), truncated: false };
}

function unpacked(response: IncomingMessage, stages: readonly Transform[]): Readable {
  // Whoever iterates sees the failure; the callback only keeps it from being thrown a second time.
  pipeline([response, ...stages], () => {});
  return stages.at(-1) ?? response;
}

/** Lets bytes through, tells of them, and breaks off after `limit`: some packed bodies unpack to next to nothing. */
function createGauge(limit: number, onData: () => void): { stream: Transform; readonly isOver: boolean } {
  let left = limit;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onData();
      left -= chunk.length;
      if (left < 0) done(new Error("too many bytes"));
      else done(null, chunk);
    },
  });
  return {
    stream,
    get isOver() {
      return left < 0;
    },
  };
}

function decodersFor(header: string | undefined): Transform[] {
  const codings = (header ?? "")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim());
  const real = codings.filter((coding) => coding !== "" && coding !== "identity");
  if (real.length > MAX_CODINGS) throw new RemoteError("UNAVAILABLE", "The answer is packed too many times.");
  // Codings are listed in the order in which they were applied (RFC 9110 §8.4).
  return real.reverse().map(decoderFor);
}

function decoderFor(coding: string): Transform {
  // A body that is cut short still gives what it held.
  if (coding === "gzip" || coding === "x-gzip") return createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  if (coding === "deflate") return createInflate({ finishFlush: constants.Z_SYNC_FLUSH });
  if (coding === "br") return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
  throw new RemoteError("UNAVAILABLE", "The answer is packed in a way that was not asked for.");
}
