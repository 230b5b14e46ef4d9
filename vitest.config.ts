/**
 * Suites by how much of the world they need. `npm run check` runs unit, contract and architecture; `npm test` all. The
 * built app is tested one file at a time: those tests measure and drive a whole machine.
 */
import { defineConfig } from "vitest/config";

const leaks = ["test/setup-leaks.ts"];
const whole = { fileParallelism: false, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["test/unit/**/*.test.{ts,tsx}"], setupFiles: leaks },
      },
      {
        extends: true,
        // Its files wait for client libraries more than they work.
        test: { name: "contract", include: ["test/contract/**/*.test.ts"], setupFiles: leaks, maxWorkers: 6 },
      },
      { extends: true, test: { name: "architecture", include: ["test/architecture/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          setupFiles: leaks,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: { ...whole, name: "headless", include: ["test/e2e/headless/**/*.test.ts"], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: { ...whole, name: "browser", include: ["test/e2e/browser/**/*.test.ts"], testTimeout: 90_000 },
      },
      {
        extends: true,
        test: { ...whole, name: "desktop", include: ["test/e2e/desktop/**/*.test.ts"], testTimeout: 120_000 },
      },
    ],
  },
});
