/** Builds the three processes. Inputs are explicit; the preload is CommonJS, since a sandboxed one must be. */
import { posix, resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";
import type { Plugin } from "vite";

const root = import.meta.dirname;
/** Native addons stay outside the bundle and are loaded from node_modules. */
const native = ["electron", "better-sqlite3", "keytar"];
/** Asked for by client libraries of channels and done without: speed-ups, pictures, link previews. Never installed. */
const optional = [
  "zlib-sync",
  "bufferutil",
  "utf-8-validate",
  "erlpack",
  "sharp",
  "jimp",
  "link-preview-js",
  "audio-decode",
];

const workerUrl = /new URL\(\s*"(\.{1,2}\/[\w./-]+-worker\.ts)",\s*import\.meta\.url\s*\)/g;
const workerMark = /__WORKER_CHUNK_([\w$-]+?)__END__/g;

/** `new URL("./x-worker.ts", import.meta.url)` runs from source as it is; in a build it is the address of a chunk. */
const workerChunks: Plugin = {
  name: "gatehouse:worker-chunks",
  apply: "build",
  enforce: "pre",
  async transform(code, id) {
    let result = code;
    for (const [written, path = ""] of code.matchAll(workerUrl)) {
      const worker = await this.resolve(path, id);
      if (worker === null) return this.error(`there is no worker ${path}`);
      const chunk = this.emitFile({ type: "chunk", id: worker.id });
      result = result.replace(written, `new URL("__WORKER_CHUNK_${chunk}__END__", import.meta.url)`);
    }
    return result === code ? undefined : { code: result, map: null };
  },
  renderChunk(code, chunk) {
    const here = posix.dirname(chunk.fileName);
    const result = code.replace(workerMark, (_mark, id: string) => posix.relative(here, this.getFileName(id)));
    return result === code ? null : { code: result, map: null };
  },
};

export default defineConfig({
  main: {
    plugins: [workerChunks],
    build: {
      outDir: "out/main",
      minify: true,
      externalizeDeps: false,
      target: "node24",
      rollupOptions: {
        input: { main: resolve(root, "src-main/main.ts"), cli: resolve(root, "src-main/cli.ts") },
        external: [...native, ...optional],
        output: { format: "es" },
      },
    },
  },
  preload: {
    build: {
      outDir: "out/preload",
      externalizeDeps: false,
      rollupOptions: {
        input: { preload: resolve(root, "src-preload/preload.ts") },
        external: ["electron"],
        output: { format: "cjs", entryFileNames: "[name].cjs" },
      },
    },
  },
  renderer: {
    root: "src-renderer",
    base: "./",
    plugins: [react(), tailwindcss()],
    build: {
      outDir: "out/renderer",
      emptyOutDir: true,
      minify: true,
      // Loaded from the disk or from loopback: one larger file is cheaper than many.
      chunkSizeWarningLimit: 2000,
      rollupOptions: { input: { index: resolve(root, "src-renderer/index.html") } },
    },
  },
});
