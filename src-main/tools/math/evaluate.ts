/**
 * Reads and calculates an arithmetic expression: exact while all numbers are whole, double precision from the first that
 * is not. Bounded in length, depth and size of numbers; must never hand text to anything that runs code.
 */
import { refuse, type Refused } from "#main/base/errors.ts";

const MAX_LENGTH = 1000;
const MAX_DEPTH = 50;
/** Bits of a whole number: about 3000 digits. */
const MAX_BITS = 10_000;

/** Exact as long as it can be. */
type Value = bigint | number;

interface Reading {
  tokens: readonly string[];
  at: number;
  depth: number;
}

const TOKEN = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z]+|\*\*|\S/g;
const KNOWN = /^([\d.]+.*|[A-Za-z]+|\*\*|[-+*/%^(),])$/;

/**
 * The value in decimal: `18446744073709551616`, `1.4142135623730951`. Throws Refused, in words for the model, when the
 * text is no expression or the result is no number.
 */
export function evaluate(text: string): string {
  if (text.length > MAX_LENGTH) throw fail(`the expression has more than ${MAX_LENGTH} characters`);
  const reading: Reading = { tokens: tokenize(text.trim()), at: 0, depth: 0 };
  const value = readSum(reading);
  const rest = reading.tokens[reading.at];
  if (rest !== undefined) throw fail(`'${rest}' is out of place`);
  if (typeof value === "number" && !Number.isFinite(value)) throw fail("the result is not a finite number");
  return Object.is(value, -0) ? "0" : String(value);
}

function tokenize(text: string): string[] {
  const tokens = text.match(TOKEN) ?? [];
  const unknown = tokens.find((token) => !KNOWN.test(token) || token === ".");
  if (unknown !== undefined) throw fail(`'${unknown}' means nothing here`);
  return tokens.map((token) => (token === "**" ? "^" : token));
}

function take(reading: Reading, ...wanted: string[]): string | undefined {
  const token = reading.tokens[reading.at];
  if (token === undefined || !wanted.includes(token)) return undefined;
  reading.at++;
  return token;
}

function readSum(reading: Reading): Value {
  if (++reading.depth > MAX_DEPTH) throw fail("the parentheses are nested too deep");
  const readProduct = () => readRow(reading, ["*", "/", "%"], () => readSigned(reading));
  const value = readRow(reading, ["+", "-"], readProduct);
  reading.depth--;
  return value;
}

/** From the left: 8/4/2 is 1. */
function readRow(reading: Reading, signs: readonly string[], readNext: () => Value): Value {
  let value = readNext();
  for (let sign = take(reading, ...signs); sign !== undefined; sign = take(reading, ...signs)) {
    const other = readNext();
    if ((sign === "/" || sign === "%") && isZero(other)) throw fail("nothing can be divided by 0");
    value = OPERATORS[sign]?.(value, other) ?? value;
  }
  return value;
}

/** A sign binds less than a power: -2^2 is -4. */
function readSigned(reading: Reading): Value {
  let isNegative = false;
  for (let sign = take(reading, "+", "-"); sign !== undefined; sign = take(reading, "+", "-")) {
    if (sign === "-") isNegative = !isNegative;
  }
  const value = readPower(reading);
  return isNegative ? -value : value;
}

/** From the right: 2^3^2 is 512. */
function readPower(reading: Reading): Value {
  const base = readAtom(reading);
  if (take(reading, "^") === undefined) return base;
  if (++reading.depth > MAX_DEPTH) throw fail("the powers are nested too deep");
  const exponent = readSigned(reading);
  reading.depth--;
  return power(base, exponent);
}

function readAtom(reading: Reading): Value {
  const token = reading.tokens[reading.at++];
  if (token === undefined) throw fail("something is missing at its end");
  if (/^[\d.]/.test(token)) return toValue(token);
  if (token === "(") {
    const value = readSum(reading);
    if (take(reading, ")") === undefined) throw fail("a parenthesis is not closed");
    return value;
  }
  const name = token.toLowerCase();
  if (name === "pi") return Math.PI;
  if (name === "e") return Math.E;
  if (!/^[a-z]/.test(name)) throw fail(`'${token}' is out of place`);
  return apply(name, readArguments(reading, name));
}

function readArguments(reading: Reading, name: string): Value[] {
  if (!Object.hasOwn(FUNCTIONS, name) && name !== "min" && name !== "max") throw fail(`there is no function '${name}'`);
  if (take(reading, "(") === undefined) throw fail(`'${name}' needs parentheses`);
  const values = [readSum(reading)];
  while (take(reading, ",") !== undefined) values.push(readSum(reading));
  if (take(reading, ")") === undefined) throw fail(`the parenthesis of '${name}' is not closed`);
  return values;
}

function toValue(token: string): Value {
  return /^\d+$/.test(token) ? BigInt(token) : Number(token);
}

/** Functions of one number. Whole numbers stay whole where the function keeps them so. */
const FUNCTIONS: Readonly<Record<string, (value: Value) => Value>> = {
  sqrt: squareRoot,
  abs: (value) => (value < 0 ? -value : value),
  round: (value) => (typeof value === "bigint" ? value : whole(Math.sign(value) * Math.round(Math.abs(value)))),
  floor: (value) => (typeof value === "bigint" ? value : whole(Math.floor(value))),
  ceil: (value) => (typeof value === "bigint" ? value : whole(Math.ceil(value))),
  log: (value) => Math.log10(positive(value, "log")),
  ln: (value) => Math.log(positive(value, "ln")),
  exp: (value) => Math.exp(Number(value)),
  sin: (value) => Math.sin(Number(value)),
  cos: (value) => Math.cos(Number(value)),
  tan: (value) => Math.tan(Number(value)),
};

function apply(name: string, values: readonly Value[]): Value {
  const [first] = values;
  if (first === undefined) throw fail(`'${name}' needs a number`);
  if (name === "min") return values.reduce((least, value) => (value < least ? value : least), first);
  if (name === "max") return values.reduce((most, value) => (value > most ? value : most), first);
  if (values.length > 1) throw fail(`'${name}' takes one number`);
  return FUNCTIONS[name]?.(first) ?? first;
}

function whole(value: number): Value {
  return Number.isFinite(value) ? BigInt(value) : value;
}

function positive(value: Value, name: string): number {
  if (value <= 0) throw fail(`'${name}' needs a number above 0`);
  return Number(value);
}

function squareRoot(value: Value): Value {
  if (value < 0) throw fail("a negative number has no real square root");
  const root = Math.sqrt(Number(value));
  if (typeof value !== "bigint" || !Number.isSafeInteger(Math.round(root))) return root;
  const exact = BigInt(Math.round(root));
  return exact * exact === value ? exact : root;
}

function bounded(value: bigint): bigint {
  if (bitsOf(value) > MAX_BITS) throw fail("the result is too large");
  return value;
}

function bitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}

const OPERATORS: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  "+": add,
  "-": (a, b) => add(a, -b),
  "*": (a, b) => (typeof a === "bigint" && typeof b === "bigint" ? bounded(a * b) : Number(a) * Number(b)),
  "/": (a, b) => (typeof a === "bigint" && typeof b === "bigint" && a % b === 0n ? a / b : Number(a) / Number(b)),
  "%": (a, b) => (typeof a === "bigint" && typeof b === "bigint" ? a % b : Number(a) % Number(b)),
};

function add(a: Value, b: Value): Value {
  return typeof a === "bigint" && typeof b === "bigint" ? bounded(a + b) : Number(a) + Number(b);
}

function isZero(value: Value): boolean {
  return value === 0 || value === 0n;
}

function power(base: Value, exponent: Value): Value {
  if (typeof base === "bigint" && typeof exponent === "bigint" && exponent >= 0n) {
    // Looked at before it is calculated: the calculation alone could take all memory.
    const isSmall = base >= -1n && base <= 1n;
    if (!isSmall && BigInt(bitsOf(base)) * exponent > BigInt(MAX_BITS) + 3n * exponent)
      throw fail("the result is too large");
    return isSmall && exponent > 2n ? base ** (2n - (exponent % 2n)) : bounded(base ** exponent);
  }
  if (isZero(base) && exponent < 0) throw fail("nothing can be divided by 0");
  const result = Number(base) ** Number(exponent);
  if (Number.isNaN(result)) throw fail("the power of a negative number is not real");
  return result;
}

function fail(what: string): Refused {
  return refuse(`This cannot be calculated: ${what}.`);
}
