/** Builds the three processes. Inputs are explicit; the preload is CommonJS, since a sandboxed one must be. */
import { resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";

const root = import.meta.dirname;
/** Native addons stay outside the bundle and are loaded from node_modules. */
const native = ["electron", "better-sqlite3", "keytar"];

export default defineConfig({
  main: {
    build: {
      outDir: "out/main",
      minify: true,
      externalizeDeps: false,
      target: "node24",
      rollupOptions: {
        input: { main: resolve(root, "src-main/main.ts"), cli: resolve(root, "src-main/cli.ts") },
        external: native,
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
