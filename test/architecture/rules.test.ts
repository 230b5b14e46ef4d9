/** Each rule is shown a tiny tree with a fault that it must find, and one without that it must leave alone. */
import { describe, expect, it } from "vitest";
import { noCycles } from "./rules/cycles.ts";
import {
  electronStaysInTheShell,
  importsAreWellWritten,
  importsGoDown,
  windowSeesOnlyTheProtocol,
} from "./rules/floors.ts";
import { noModuleState, nothingHappensOnImport } from "./rules/import-time.ts";
import { languageIsPlain, namesHaveOneForm, namesSayWhatTheyAre, testNamesStateBehaviour } from "./rules/language.ts";
import {
  coreKnowsNoPlug,
  onlyTheAssemblyReadsLists,
  plugClosuresAreSmall,
  plugsSeeOnlyTheirOwn,
  sqlStaysInTheStore,
} from "./rules/plugs.ts";
import {
  entriesAreThin,
  filesAreShort,
  foldersAreSmall,
  functionsAreShort,
  importsAreFew,
  theWholeIsSmall,
} from "./rules/sizes.ts";
import { toTree, type Rule } from "./rules/tree.ts";
import {
  dependenciesHaveAReason,
  filesIntroduceThemselves,
  nothingTellsOfTheWorkshop,
  readmesNameWhatExists,
  roomsExplainThemselves,
  theFrontPageIsShort,
} from "./rules/words.ts";

interface Case {
  rule: Rule;
  /** What is planted, in words. */
  fault: string;
  bad: Record<string, string>;
  good: Record<string, string>;
}

const many = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");
const files = (count: number, path: (i: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [path(i), ""]));
/** One file of src-main in a room of floor 3. */
const agent = (text: string) => ({ "src-main/agent/loop.ts": text });

const CASES: readonly Case[] = [
  {
    rule: importsGoDown,
    fault: "an import of a floor above",
    bad: { "src-main/store/rows.ts": 'import { x } from "#main/gateway/server.ts";' },
    good: { "src-main/gateway/server.ts": 'import { x } from "#main/store/rows.ts";' },
  },
  {
    rule: importsGoDown,
    fault: "a type import of a floor above",
    bad: { "src-main/base/log.ts": 'import type { X } from "#main/config/schema.ts";' },
    good: { "src-main/config/schema.ts": 'import type { X } from "#main/base/log.ts";' },
  },
  {
    rule: importsGoDown,
    fault: "an import of a neighbour",
    bad: { "src-main/base/log.ts": 'export * from "#main/protocol/errors.ts";' },
    good: { "src-main/base/log.ts": 'export * from "./errors.ts";' },
  },
  {
    rule: importsGoDown,
    fault: "a lazy import of a floor above",
    bad: agent('export const f = () => import("#main/shell/window.ts");'),
    good: agent('export const f = () => import("#main/store/rows.ts");'),
  },
  {
    rule: importsGoDown,
    fault: "a type in an import() of a floor above",
    bad: agent('export type X = import("#main/gateway/server.ts").X;'),
    good: agent('export type X = import("#main/store/rows.ts").X;'),
  },
  { rule: importsGoDown, fault: "a room without a floor", bad: { "src-main/stuff/a.ts": "" }, good: agent("") },
  {
    rule: importsGoDown,
    fault: "an import of the window by the core",
    bad: agent('import { x } from "#renderer/gateway/link.ts";'),
    good: agent('import { x } from "ws";'),
  },
  {
    rule: importsAreWellWritten,
    fault: "a computed import",
    bad: agent("export const f = (name: string) => import(name);"),
    good: agent('export const f = () => import("ws");'),
  },
  {
    rule: importsAreWellWritten,
    fault: "a relative import across rooms",
    bad: { "src-main/store/a.ts": "", ...agent('import "../store/a.ts";') },
    good: { "src-main/store/a.ts": "", ...agent('import "#main/store/a.ts";') },
  },
  {
    rule: importsAreWellWritten,
    fault: "an import of a file that is not there",
    bad: agent('import "./gone.ts";'),
    good: { ...agent('import "./here.ts";'), "src-main/agent/here.ts": "" },
  },
  {
    rule: noCycles,
    fault: "a cycle of three files, one step by type",
    bad: {
      "src-main/agent/a.ts": 'import "./b.ts";',
      "src-main/agent/b.ts": 'import type { C } from "./c.ts";',
      "src-main/agent/c.ts": 'export { a } from "./a.ts";',
    },
    good: {
      "src-main/agent/a.ts": 'import "./b.ts"; import "./c.ts";',
      "src-main/agent/b.ts": 'import "./c.ts";',
      "src-main/agent/c.ts": "",
    },
  },
  {
    rule: plugsSeeOnlyTheirOwn,
    fault: "a tool that opens the store",
    bad: { "src-main/tools/read/read.ts": 'import "#main/store/rows.ts";' },
    good: {
      "src-main/tools/read/read.ts": 'import "../contract.ts"; import "./path.ts"; import "#main/base/errors.ts";',
    },
  },
  {
    rule: plugsSeeOnlyTheirOwn,
    fault: "a channel that knows another",
    bad: { "src-main/channels/slack/send.ts": 'import "../telegram/send.ts";' },
    good: { "src-main/channels/slack/send.ts": 'import "./send-text.ts";' },
  },
  {
    rule: plugsSeeOnlyTheirOwn,
    fault: "a plug that uses another file of its room",
    bad: { "src-main/providers/demo/demo.ts": 'import "../resilient.ts";' },
    good: { "src-main/providers/demo/demo.ts": 'import type { X } from "../contract.ts";' },
  },
  {
    rule: plugsSeeOnlyTheirOwn,
    fault: "a plug that reads the environment",
    bad: { "src-main/tools/bash/bash.ts": "export const home = () => process.env.HOME;" },
    good: { "src-main/tools/bash/bash.ts": "export const home = (env: Env) => env.HOME;" },
  },
  {
    rule: plugsSeeOnlyTheirOwn,
    fault: "a plug that calls the global fetch",
    bad: { "src-main/tools/web/web.ts": "export const get = (url: string) => fetch(url);" },
    good: { "src-main/tools/web/web.ts": "export const get = (url: string, fetch: Fetch) => fetch(url);" },
  },
  {
    rule: onlyTheAssemblyReadsLists,
    fault: "a room's list read by the gateway",
    bad: { "src-main/gateway/server.ts": 'import { tools } from "#main/tools/index.ts";' },
    good: { "src-main/compose.ts": 'import { tools } from "./tools/index.ts";' },
  },
  {
    rule: coreKnowsNoPlug,
    fault: "a turn that knows a provider by name",
    bad: { "src-main/sessions/turn.ts": 'import { x } from "#main/providers/anthropic/stream.ts";' },
    good: { "src-main/providers/index.ts": 'import { x } from "./anthropic/stream.ts";' },
  },
  {
    rule: plugClosuresAreSmall,
    fault: "a plug that reaches 31 files",
    bad: {
      ...files(30, (i) => `src-main/tools/big/f${i}.ts`),
      "src-main/tools/big/big.ts": many(30, (i) => `import "./f${i}.ts";`),
    },
    good: {
      ...files(29, (i) => `src-main/tools/big/f${i}.ts`),
      "src-main/tools/big/big.ts": many(29, (i) => `import "./f${i}.ts";`),
    },
  },
  {
    rule: nothingHappensOnImport,
    fault: "a statement",
    bad: agent("start();"),
    good: agent("export const go = () => start();\nexport async function run() { await start(); }"),
  },
  {
    rule: nothingHappensOnImport,
    fault: "a call in a constant",
    bad: agent("const s = createServer();"),
    good: agent("const s = Object.freeze([1].map(String));"),
  },
  {
    rule: nothingHappensOnImport,
    fault: "a registration",
    bad: agent("tools.push(defineTool({}));"),
    good: agent("export const tool = defineTool({});"),
  },
  {
    rule: nothingHappensOnImport,
    fault: "a call through a function of the file",
    bad: agent("const f = () => open(); const x = f();"),
    good: agent("const f = (n: number) => Type.Array(n); const x = f(1);"),
  },
  {
    rule: nothingHappensOnImport,
    fault: "a thing made",
    bad: agent("export const server = new Server();"),
    good: agent("export const names = new Set(['a']) as ReadonlySet<string>;"),
  },
  {
    rule: nothingHappensOnImport,
    fault: "a top-level await",
    bad: agent("const x = await y;"),
    good: agent("const f = async () => await y;"),
  },
  {
    rule: nothingHappensOnImport,
    fault: "a static block",
    bad: agent("class A { static { go(); } }"),
    good: agent("class A { start() { go(); } readonly x = make(); }"),
  },
  {
    rule: nothingHappensOnImport,
    fault: "a static field that is computed",
    bad: agent("class A { static a = go(); }"),
    good: agent("class A { static a = 1; }"),
  },
  { rule: noModuleState, fault: "a let", bad: agent("let count = 0;"), good: agent("const count = 0;") },
  {
    rule: noModuleState,
    fault: "a Map that grows",
    bad: agent("const seen = new Map(); export const see = (x: string) => seen.set(x, 1);"),
    good: agent("export const see = () => { const seen = new Map(); seen.set(1, 1); };"),
  },
  {
    rule: noModuleState,
    fault: "an object that is written to",
    bad: agent("const state = { on: false }; export const go = () => { state.on = true; };"),
    good: agent("const state = { on: false }; export const is = () => state.on;"),
  },
  {
    rule: noModuleState,
    fault: "an offered Set",
    bad: agent("export const names = new Set(['a']);"),
    good: agent("export const names: ReadonlySet<string> = new Set(['a']);"),
  },
  {
    rule: electronStaysInTheShell,
    fault: "electron in the gateway",
    bad: { "src-main/gateway/server.ts": 'import { app } from "electron";' },
    good: {
      "src-main/shell/window.ts": 'import { app } from "electron";',
      "src-preload/preload.ts": 'import "electron";',
    },
  },
  {
    rule: electronStaysInTheShell,
    fault: "electron by a lazy import",
    bad: { "src-main/compose.ts": 'export const f = () => import("electron/main");' },
    good: { "src-main/main.ts": 'import { app } from "electron";' },
  },
  {
    rule: windowSeesOnlyTheProtocol,
    fault: "the window importing the core",
    bad: { "src-renderer/ui/card.ts": 'import type { X } from "#main/approvals/desk.ts";' },
    good: { "src-renderer/ui/card.ts": 'import type { X } from "#main/protocol/events.ts";' },
  },
  {
    rule: windowSeesOnlyTheProtocol,
    fault: "schemas in the window",
    bad: { "src-renderer/gateway/link.ts": 'import { EVENTS } from "#main/protocol/events.ts";' },
    good: { "src-renderer/gateway/link.ts": 'import { GatewayClient } from "#main/protocol/client.ts";' },
  },
  {
    rule: windowSeesOnlyTheProtocol,
    fault: "Node in the preload",
    bad: { "src-preload/preload.ts": 'import { readFileSync } from "node:fs";' },
    good: { "src-preload/preload.ts": 'import { contextBridge } from "electron";' },
  },
  {
    rule: sqlStaysInTheStore,
    fault: "a query in the gateway",
    bad: { "src-main/gateway/a.ts": 'import { sql } from "kysely";' },
    good: { "src-main/store/a.ts": 'import { sql } from "kysely";' },
  },
  {
    rule: languageIsPlain,
    fault: "any",
    bad: agent("export const f = (x: any) => x;"),
    good: agent("export const f = (x: unknown) => x;"),
  },
  {
    rule: languageIsPlain,
    fault: "a default export",
    bad: agent("export default 1;"),
    good: { "vitest.config.ts": "export default 1;" },
  },
  { rule: languageIsPlain, fault: "an enum", bad: agent("enum A { b }"), good: agent("type A = 'b';") },
  {
    rule: languageIsPlain,
    fault: "a namespace",
    bad: agent("namespace A { export const b = 1; }"),
    good: agent("declare global { interface Window { a: 1 } }"),
  },
  {
    rule: languageIsPlain,
    fault: "a parameter property",
    bad: agent("class A { constructor(readonly b: string) {} }"),
    good: agent("class A { readonly b = 1; }"),
  },
  {
    rule: languageIsPlain,
    fault: "a type check switched off",
    bad: agent("// @ts-ig" + "nore\nf();"),
    good: agent("// ignore\nf();"),
  },
  {
    rule: languageIsPlain,
    fault: "a module mock",
    bad: { "test/unit/a.test.ts": 'vi.mock("./a.ts");' },
    good: { "test/unit/a.test.ts": "vi.fn();" },
  },
  {
    rule: languageIsPlain,
    fault: "an I in front",
    bad: agent("interface IThing { a: 1 }"),
    good: agent("interface Inbound { a: 1 }"),
  },
  { rule: languageIsPlain, fault: "a syntax error", bad: agent("const = ;"), good: agent("") },
  {
    rule: namesSayWhatTheyAre,
    fault: "a file of leftovers",
    bad: { "src-main/base/string-utils.ts": "" },
    good: { "src-main/base/cut-text.ts": "" },
  },
  {
    rule: namesSayWhatTheyAre,
    fault: "a folder of leftovers",
    bad: { "test/helpers/a.ts": "" },
    good: { "test/fakes/a.ts": "" },
  },
  {
    rule: namesHaveOneForm,
    fault: "camel case",
    bad: { "src-main/base/cutText.ts": "" },
    good: { "src-renderer/ui/Card.tsx": "", "test/unit/base/cut-text.test.ts": "" },
  },
  {
    rule: testNamesStateBehaviour,
    fault: "a wish",
    bad: { "test/unit/a.test.ts": 'it("should work", () => {});' },
    good: { "test/unit/a.test.ts": 'it("works", () => {});' },
  },
  {
    rule: filesAreShort,
    fault: "401 lines",
    bad: agent(many(401, () => "// line")),
    good: agent(many(400, () => "// line")),
  },
  {
    rule: functionsAreShort,
    fault: "81 lines",
    bad: agent(`export const f = () => {\n${many(79, () => "g();")}\n};`),
    good: agent(`export const f = () => {\n${many(78, () => "g();")}\n};`),
  },
  {
    rule: importsAreFew,
    fault: "16 imports",
    bad: agent(many(16, (i) => `import "m${i}";`)),
    good: agent(many(15, (i) => `import "m${i}";`)),
  },
  {
    rule: foldersAreSmall,
    fault: "21 files",
    bad: files(21, (i) => `src-main/agent/f${i}.ts`),
    good: files(20, (i) => `src-main/agent/f${i}.ts`),
  },
  { rule: theWholeIsSmall, fault: "60,001 lines", bad: agent("\n".repeat(60_001)), good: agent("\n".repeat(60_000)) },
  {
    rule: entriesAreThin,
    fault: "61 lines",
    bad: { "src-main/main.ts": "\n".repeat(61) },
    good: { "src-main/main.ts": "\n".repeat(60) },
  },
  {
    rule: roomsExplainThemselves,
    fault: "a room without a README",
    bad: agent(""),
    good: { ...agent(""), "src-main/agent/README.md": "- `loop.ts` turns" },
  },
  {
    rule: roomsExplainThemselves,
    fault: "a README that leaves a file out",
    bad: { ...agent(""), "src-main/agent/README.md": "# Agent\nthe agent-loop" },
    good: { ...agent(""), "src-main/agent/README.md": "`loop`" },
  },
  {
    rule: roomsExplainThemselves,
    fault: "a README of 61 lines",
    bad: { ...agent(""), "src-main/agent/README.md": many(61, () => "loop") },
    good: { ...agent(""), "src-main/agent/README.md": many(60, () => "loop") },
  },
  {
    rule: readmesNameWhatExists,
    fault: "a name of a file that is gone",
    bad: { "src-main/agent/README.md": "`old.ts`" },
    good: { ...agent(""), "src-main/agent/README.md": "`loop.ts`, `agent/loop.ts`" },
  },
  {
    rule: dependenciesHaveAReason,
    fault: "a package that no line names",
    bad: { "package.json": '{"dependencies":{"left":"1.0.0"}}', "README.md": "| package | for |\n| `other` | x |" },
    good: {
      "package.json": '{"dependencies":{"left":"1.0.0"},"devDependencies":{"@types/left":"1.0.0"}}',
      "README.md": "| `left` | what is on the left |\n| `@types/*` | types |",
    },
  },
  {
    rule: theFrontPageIsShort,
    fault: "200 lines",
    bad: { "README.md": many(200, () => "x") },
    good: { "README.md": many(199, () => "x") },
  },
  {
    rule: filesIntroduceThemselves,
    fault: "a file without a word",
    bad: agent("export const a = 1;"),
    good: agent("/** Says what this file is for. */\nexport const a = 1;"),
  },
  {
    rule: nothingTellsOfTheWorkshop,
    fault: "a path of a machine",
    bad: agent(`const a = "/${"work"}/main";`),
    good: agent('const a = "/workspace/main"; const b = "~/work/x"; const c = "src/root";'),
  },
];

describe.each(CASES)("$rule.name", ({ rule, fault, bad, good }) => {
  it(`finds ${fault}`, () => {
    expect(rule(toTree(bad)).length).toBeGreaterThan(0);
  });

  it(`leaves the tree without ${fault} alone`, () => {
    expect(rule(toTree(good))).toEqual([]);
  });
});
