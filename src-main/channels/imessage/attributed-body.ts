/**
 * The text and the mentions in a message's `attributedBody`: an NSAttributedString as NSArchiver writes it ("typedstream").
 * Newer systems keep the text only there. Pure; takes anything and never throws.
 *
 * Facts: the format as described by the python-typedstream and imessage-exporter projects. A stream is a row of groups:
 * a type string, then a value for each type in it. Strings of types, classes and objects come whole once, then by number.
 */

/** Marks, as signed bytes. */
const NEW = -124;
const NIL = -123;
const END = -122;
const FLOAT = -125;
/** Numbers of things that came before begin at this value. */
const FIRST_NUMBER = -110;

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
const MENTION = "__kIMMentionConfirmedMention";

export interface AttributedBody {
  text: string;
  /** Handles of those who are mentioned by the platform's own mark. */
  mentions: readonly string[];
}

/** @returns undefined for what is not such a stream, or one without a text */
export function readAttributedBody(blob: unknown): AttributedBody | undefined {
  if (!(blob instanceof Uint8Array) || blob.length > MAX_BYTES) return undefined;
  const strings: string[] = [];
  try {
    new TypedStream(blob, strings).read();
  } catch {
    // What was read before the fault counts: the text comes first.
  }
  const [text, ...rest] = strings;
  if (text === undefined) return undefined;
  // Attributes are pairs: the mark, then the handle.
  const mentions = rest.filter((_, index) => index > 0 && rest[index - 1] === MENTION);
  return { text, mentions };
}

/** Walks one stream and adds the value of each string object to `found`, in order. Throws on a fault. */
class TypedStream {
  readonly #bytes: Buffer;
  readonly #found: string[];
  readonly #types: string[] = [];
  /** Objects, classes and C strings by number; a string for those that are one. */
  readonly #objects: (string | undefined)[] = [];
  #at = 0;

  constructor(bytes: Uint8Array, found: string[]) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#found = found;
  }

  read(): void {
    if (this.#number() !== 4 || this.#text() !== "streamtyped") throw new Error("not a typedstream");
    this.#number();
    while (this.#at < this.#bytes.length) this.#group(0);
  }

  /** A type string and its values. @returns the string among them */
  #group(depth: number): string | undefined {
    if (depth > MAX_DEPTH) throw new Error("too deep");
    let text: string | undefined;
    for (const [type, count] of (this.#typeString() ?? "").matchAll(/\[([1-9]\d*)[cC]\]|./gs)) {
      if (type === "+") text = this.#text();
      else if (count === undefined) this.#value(type, depth);
      else this.#skip(Number(count));
    }
    return text;
  }

  #value(type: string, depth: number): void {
    if (type === "@") this.#object(depth);
    else if (type === "#") this.#class();
    else if (type === "*") this.#shared(() => void this.#typeString());
    else if (type === ":" || type === "%") this.#typeString();
    else if ("cCB".includes(type)) this.#skip(1);
    else if ("sSiIlLqQ".includes(type)) this.#number();
    else if (type === "f" || type === "d") this.#float(type === "f" ? 4 : 8);
    else throw new Error("a type without a meaning");
  }

  #object(depth: number): void {
    const text = this.#shared(() => {
      let own: string | undefined;
      this.#class();
      while (this.#peek() !== END) own = this.#group(depth + 1) ?? own;
      this.#skip(1);
      return own;
    });
    if (text !== undefined) this.#found.push(text);
  }

  /** A class with all above it. */
  #class(): void {
    for (let isNew = true; isNew;) {
      isNew = this.#peek() === NEW;
      this.#shared(() => {
        this.#typeString();
        this.#number();
        return undefined;
      });
    }
  }

  /** Nothing, something new that gets a number, or something that came before. */
  #shared(read: () => string | undefined): string | undefined {
    const head = this.#number();
    if (head === NIL) return undefined;
    if (head !== NEW) return this.#objects[head - FIRST_NUMBER];
    const number = this.#objects.push(undefined) - 1;
    return (this.#objects[number] = read());
  }

  /** A string that is kept for later: the name of a class, a row of types. Structs lie flat. */
  #typeString(): string | undefined {
    const head = this.#number();
    if (head === NIL) return undefined;
    if (head !== NEW) return this.#types[head - FIRST_NUMBER];
    const types = this.#text().replace(/\{[^={}]*=|\}/g, "");
    this.#types.push(types);
    return types;
  }

  #peek(): number {
    return this.#bytes.readInt8(this.#at);
  }

  /** One byte, or a mark and two or four bytes, little-endian. Lengths are not signed; nothing else matters here. */
  #number(): number {
    const head = this.#peek();
    this.#skip(1);
    if (head !== -127 && head !== -126) return head;
    const size = head === -127 ? 2 : 4;
    this.#skip(size);
    return this.#bytes.readUIntLE(this.#at - size, size);
  }

  /** A mark and the bytes of the number, or a whole number. */
  #float(size: number): void {
    if (this.#peek() === FLOAT) this.#skip(1 + size);
    else this.#number();
  }

  #text(): string {
    const length = this.#number();
    this.#skip(length);
    return this.#bytes.toString("utf8", this.#at - length, this.#at);
  }

  #skip(count: number): void {
    if (count < 0 || this.#at + count > this.#bytes.length) throw new Error("cut off");
    this.#at += count;
  }
}
