/**
 * Server-sent events (WHATWG HTML, section 9.2.6) out of a stream of bytes. Must never hold more than one event of
 * bounded length: a longer one is skipped. Pure.
 */

export interface ServerSentEvent {
  data: string;
  /** The stream's id as of this event: where to go on after a break. */
  id?: string;
}

/** Longest line and event, characters. An envelope holds no files: a few thousand are usual. */
const MAX_LENGTH = 4_000_000;

/** Yields each event that has data, as it is complete. Ends with the stream. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let id: string | undefined;
  let data: string | undefined;
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    // What still comes of a line that is too long becomes a comment.
    if (rest.length > MAX_LENGTH) rest = ":";
    for (const line of lines) {
      const [, field, value = ""] = /^([^:\r]*):? ?(.*?)\r?$/s.exec(line) ?? [];
      if (line === "" || line === "\r") {
        if (data !== undefined && data.length <= MAX_LENGTH) yield id === undefined ? { data } : { data, id };
        data = undefined;
      } else if (field === "id" && !value.includes("\0")) id = value;
      else if (field === "data" && (data ?? "").length <= MAX_LENGTH) {
        data = data === undefined ? value : `${data}\n${value}`;
      }
    }
  }
}
