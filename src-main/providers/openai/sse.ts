/**
 * Server-sent events from bytes (WHATWG HTML §9.2.6). Pure but for its buffer, and bounded: must never hold more than
 * one event's worth, whatever a server sends.
 */

export interface SseEvent {
  /** The `event` field; empty when the server named none. */
  event: string;
  /** The `data` lines, joined by newlines. */
  data: string;
}

export interface SseParser {
  /** The events completed by these bytes. Throws RangeError when one outgrows the limit. */
  push(bytes: Uint8Array): SseEvent[];
  /** At the end of the stream: an event that lacked its closing blank line, which may be cut. */
  end(): SseEvent | undefined;
}

/** Characters that one event may hold. */
export const MAX_EVENT_LENGTH = 4 * 1024 * 1024;

/** A parser for one stream. Splits at LF, CR and CRLF, keeps characters whole across chunks. */
export function createSseParser(maxLength = MAX_EVENT_LENGTH): SseParser {
  const decoder = new TextDecoder();
  /** Pieces of the line that has not ended yet, joined when it does. */
  let pieces: string[] = [];
  let data: string[] = [];
  let event = "";
  let length = 0;
  let afterCarriageReturn = false;

  const grow = (by: number) => {
    length += by;
    if (length > maxLength) throw new RangeError(`an event is longer than ${maxLength} characters`);
  };
  const takeEvent = (): SseEvent | undefined => {
    const taken = data.length > 0 ? { event, data: data.join("\n") } : undefined;
    data = [];
    event = "";
    length = 0;
    return taken;
  };
  const takeLine = (line: string): SseEvent | undefined => {
    if (line === "") return takeEvent();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    // A comment or an unknown field takes no room; a data line keeps what it used.
    if (field !== "data") length -= line.length;
    return undefined;
  };
  const takeText = (text: string): SseEvent[] => {
    const events: SseEvent[] = [];
    let start = 0;
    const ending = /\r\n?|\n/g;
    if (afterCarriageReturn && text.startsWith("\n")) start = ending.lastIndex = 1;
    if (text !== "") afterCarriageReturn = text.endsWith("\r");
    for (let match = ending.exec(text); match; match = ending.exec(text)) {
      grow(match.index - start);
      const line = pieces.join("") + text.slice(start, match.index);
      pieces = [];
      start = ending.lastIndex;
      const complete = takeLine(line);
      if (complete) events.push(complete);
    }
    if (start < text.length) {
      grow(text.length - start);
      pieces.push(text.slice(start));
    }
    return events;
  };

  return {
    push: (bytes) => takeText(decoder.decode(bytes, { stream: true })),
    end() {
      takeText(decoder.decode());
      takeLine(pieces.join(""));
      pieces = [];
      return takeEvent();
    },
  };
}
