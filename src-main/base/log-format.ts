/**
 * One finished log line as a person or a program reads it. Takes pino's JSON and never lets a character through that
 * could start a new line or steer a terminal.
 */
export type LogFormat = "pretty" | "compact" | "json";

/*
 * C0, DEL and C1 controls, line and paragraph separators, marks that turn the reading direction or are invisible
 * (Unicode Cc, Zl, Zp, Cf). In JSON the C0 ones are escaped already.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Shows control and invisible characters as `\n`, `\t` or `\uXXXX`. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function show(value: unknown): string {
  if (typeof value === "string") return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

/**
 * @param json one line of pino's: `{"level","time","msg",…fields}`, with or without its line end
 * @returns without a line end. `pretty`: date, time, level, message, fields. `compact`: time, level's first letter,
 * message, fields without stacks
 */
export function formatLine(json: string, format: LogFormat): string {
  const line = json.trimEnd();
  if (format === "json") return escapeControls(line);
  const parsed: unknown = JSON.parse(line);
  const { level, time, msg, ...fields }: Record<string, unknown> = { ...(parsed as Record<string, unknown>) };
  const stamp = String(time);
  const name = String(level);
  const head =
    format === "pretty"
      ? `${stamp.slice(0, 10)} ${stamp.slice(11, 23)} ${name.toUpperCase().padEnd(5)}`
      : `${stamp.slice(11, 19)} ${name.slice(0, 1).toUpperCase()}`;
  const withoutStack = (_key: string, value: unknown) => (_key === "stack" ? undefined : value);
  const rest = Object.entries(fields).map(([key, value]) => {
    const short = format === "compact" ? (JSON.parse(JSON.stringify(value, withoutStack)) as unknown) : value;
    return ` ${key}=${show(short)}`;
  });
  return escapeControls(`${head} ${typeof msg === "string" ? msg : ""}${rest.join("")}`);
}
