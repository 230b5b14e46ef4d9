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
  let id: string | undefined;
  let data: string[] = [];
  let length = 0;
  for await (const line of readLines(chunks)) {
    if (line === "") {
      if (data.length > 0 && length <= MAX_LENGTH) yield { data: data.join("\n"), ...(id === undefined ? {} : { id }) };
      data = [];
      length = 0;
      continue;
    }
    const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "id" && !value.includes("\0")) id = value;
    if (field !== "data") continue;
    length += line.length;
    if (length <= MAX_LENGTH) data.push(value);
  }
}

/** Lines without their ends; one that is too long comes as a comment. */
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let isTooLong = false;
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      yield isTooLong || line.length > MAX_LENGTH ? ":" : line.replace(/\r$/, "");
      isTooLong = false;
    }
    if (rest.length <= MAX_LENGTH) continue;
    rest = "";
    isTooLong = true;
  }
}
