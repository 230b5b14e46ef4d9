/** Every tool reaches the network by the guard or not at all: what their sources import and call. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const TOOLS = resolve(import.meta.dirname, "../../../../src-main/tools");
const RAW =
  /from "(?:node:)?(?:http2?|https|net|tls|dgram|dns(?:\/promises)?|undici|ws)"|import\("(?:node:)?(?:http2?|https|net|tls|dgram|undici)"\)|\b(?:globalThis\.)?fetch\(|new (?:WebSocket|EventSource|XMLHttpRequest)\b/;
/** The guarded one, as a tool is handed it. */
const GUARDED = /\b(?:context|world)\.fetch\(/g;

const reachesRaw = (source: string) => RAW.test(source.replace(GUARDED, "").replace(/^ {2}fetch\(url: string.*$/m, ""));

it("[WB-10] no tool reaches the network but by the guarded fetch", () => {
  const files = readdirSync(TOOLS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((name) => reachesRaw(readFileSync(join(TOOLS, name), "utf8")))).toEqual([]);
});
it("[WB-10] a raw call would be seen", () => {
  for (const source of [
    'import { get } from "node:http";',
    'import { connect } from "node:net";',
    "const answer = await fetch(url);",
    "await globalThis.fetch(url)",
    'const { request } = await import("undici");',
    "new WebSocket(url)",
  ]) {
    expect([source, reachesRaw(source)]).toEqual([source, true]);
  }
  expect(reachesRaw("await context.fetch(url)")).toBe(false);
});
