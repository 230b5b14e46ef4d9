/**
 * The text and the mentions in a message's `attributedBody`: an NSAttributedString as NSArchiver writes it ("typedstream").
 * Newer systems keep the text only there. Pure; takes anything and never throws.
 *
 * Facts: the format as described by the python-typedstream and imessage-exporter projects. A stream is a row of groups:
 * a type string, then a value for each type in it. Strings of types, classes and objects come whole once, then by number.
 */

const NEW = 0x84;
const NIL = 0x85;
const END = 0x86;
/** Numbers of things that came before begin at this value. */
const FIRST_NUMBER = -110;

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
/** Values read of one stream: a small stream can describe a huge one. */
const MAX_VALUES = 50_000;
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
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #found: string[];
  readonly #types: string[] = [];
  /** Objects, classes and C strings by number; a string for those that are one. */
  readonly #objects: (string | undefined)[] = [];
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array, found: string[]) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#found = found;
  }

  read(): void {
    const version = this.#number();
    if (version !== 4 || this.#text(this.#number()) !== "streamtyped") throw new Error("not a typedstream");
    this.#number();
    while (this.#at < this.#bytes.length) this.#group(0);
  }

  /** A type string and its values. @returns the bytes of a string among them */
  #group(depth: number): string | undefined {
    const types = this.#typeString() ?? "";
    let text: string | undefined;
    for (let index = 0; index < types.length;) {
      if (types[index] === "+") text = this.#text(this.#number());
      index = this.#value(types, index, depth);
    }
    return text;
  }

  /** One value of the type at `index`. @returns where the next type begins */
  #value(types: string, index: number, depth: number): number {
    this.#values += 1;
    if (depth > MAX_DEPTH || this.#values > MAX_VALUES) throw new Error("too much in it");
    const type = types[index] ?? "";
    if (type === "+") return index + 1;
    if (type === "@") this.#object(depth + 1);
    else if (type === "#") this.#class(depth + 1);
    else if (type === "*") this.#cString();
    else if (type === ":" || type === "%") this.#typeString();
    else if (type === "c" || type === "C" || type === "B") this.#skip(1);
    else if (type === "f" || type === "d") this.#float(type === "f" ? 4 : 8);
    else if (type === "[") return this.#array(types, index, depth);
    else if (type === "{") return this.#struct(types, index, depth);
    else if ("sSiIlLqQ".includes(type)) this.#number();
    else throw new Error("a type without a meaning");
    return index + 1;
  }

  #array(types: string, index: number, depth: number): number {
    const digits = /^\d+/.exec(types.slice(index + 1))?.[0] ?? "";
    const count = Number(digits);
    const inner = index + 1 + digits.length;
    if (types[inner] === "c" || types[inner] === "C") {
      this.#skip(count);
      return inner + 2;
    }
    let end = inner + 1;
    for (let done = 0; done < count; done++) end = this.#value(types, inner, depth + 1);
    return end + 1;
  }

  #struct(types: string, index: number, depth: number): number {
    let at = types.indexOf("=", index) + 1;
    if (at === 0) throw new Error("a struct without fields");
    while (at < types.length && types[at] !== "}") at = this.#value(types, at, depth + 1);
    return at + 1;
  }

  #object(depth: number): void {
    let text: string | undefined;
    if (this.#takes(NIL)) return;
    if (this.#takes(NEW)) {
      const number = this.#objects.push(undefined) - 1;
      this.#class(depth);
      while (!this.#takes(END)) text = this.#group(depth) ?? text;
      this.#objects[number] = text;
    } else text = this.#objects[this.#number() - FIRST_NUMBER];
    if (text !== undefined) this.#found.push(text);
  }

  /** A class with all above it. */
  #class(depth: number): void {
    if (depth > MAX_DEPTH) throw new Error("too deep");
    if (this.#takes(NIL)) return;
    if (!this.#takes(NEW)) return void this.#number();
    this.#typeString();
    this.#number();
    this.#objects.push(undefined);
    this.#class(depth + 1);
  }

  #cString(): void {
    if (this.#takes(NIL)) return;
    if (!this.#takes(NEW)) return void this.#number();
    this.#objects.push(undefined);
    this.#typeString();
  }

  /** A string that is kept for later: the name of a class, a row of types. */
  #typeString(): string | undefined {
    if (this.#takes(NIL)) return undefined;
    if (!this.#takes(NEW)) return this.#types[this.#number() - FIRST_NUMBER];
    const text = this.#text(this.#number());
    this.#types.push(text);
    return text;
  }

  /** One byte, or a mark and two or four bytes, little-endian. Lengths are not signed; nothing else matters here. */
  #number(): number {
    const head = this.#view.getInt8(this.#at);
    this.#skip(1);
    if (head === -127) return this.#skip(2) && this.#view.getUint16(this.#at - 2, true);
    if (head === -126) return this.#skip(4) && this.#view.getUint32(this.#at - 4, true);
    return head;
  }

  #float(size: number): void {
    const head = this.#view.getInt8(this.#at);
    if (head === -125) this.#skip(1 + size);
    else this.#number();
  }

  #text(length: number): string {
    this.#skip(length);
    return new TextDecoder().decode(this.#bytes.subarray(this.#at - length, this.#at));
  }

  #takes(byte: number): boolean {
    if (this.#view.getUint8(this.#at) !== byte) return false;
    this.#at += 1;
    return true;
  }

  #skip(count: number): true {
    if (count < 0 || this.#at + count > this.#bytes.length) throw new Error("cut off");
    this.#at += count;
    return true;
  }
}
