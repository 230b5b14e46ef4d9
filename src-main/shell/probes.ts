/** The two questions that the shell asks of the machine: does a gateway answer there, and what does a program say. */
import { execFile } from "node:child_process";
import type { RunProgram } from "./tray-host.ts";

const HEALTH_LIMIT_MS = 2000;
const PROGRAM_LIMIT_MS = 1000;

/** True when a gateway at `http://…` answers `GET /health` with ok within two seconds. Never throws. */
export async function isAnswering(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL("/health", url), {
      signal: AbortSignal.timeout(HEALTH_LIMIT_MS),
      redirect: "error",
    });
    const body: unknown = await response.json();
    return response.ok && typeof body === "object" && body !== null && "status" in body && body.status === "ok";
  } catch {
    return false;
  }
}

/** Runs a program without a shell; rejects when it is missing, fails, or takes longer than a second. */
export const runProgram: RunProgram = (file, args) =>
  new Promise((resolve, reject) => {
    execFile(file, [...args], { timeout: PROGRAM_LIMIT_MS, windowsHide: true }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
