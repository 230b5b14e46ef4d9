/** Where everything lives in the state directory. Pure: makes nothing, reads nothing. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import type { Environment } from "./expand.ts";

/**
 * The state directory, absolute: what the command line says, else `GATEHOUSE_STATE_DIR`, else `~/.gatehouse`. A leading
 * `~` is the home folder.
 */
export function stateDirOf(env: Environment, home: string, flag?: string): string {
  const wanted = flag || env["GATEHOUSE_STATE_DIR"];
  if (!wanted) return join(home, ".gatehouse");
  return resolve(wanted.replace(/^~(?=$|[/\\])/, home));
}

/** The configuration named by the command line or `GATEHOUSE_CONFIG`, absolute; undefined: found in the state directory. */
export function namedConfigPath(env: Environment, home: string, flag?: string): string | undefined {
  const wanted = flag || env["GATEHOUSE_CONFIG"];
  return wanted ? resolve(wanted.replace(/^~(?=$|[/\\])/, home)) : undefined;
}

export const dbPath = (stateDir: string) => join(stateDir, "gatehouse.db");
export const backupsDir = (stateDir: string) => join(stateDir, "backups");
export const workspaceDir = (stateDir: string) => join(stateDir, "workspace");
export const mediaDir = (stateDir: string) => join(stateDir, "media");
export const modelsDir = (stateDir: string) => join(stateDir, "models");
export const logsDir = (stateDir: string) => join(stateDir, "logs");
export const auditDir = (stateDir: string) => join(stateDir, "audit");
export const customToolsPath = (stateDir: string) => join(stateDir, "custom-tools.json");
export const sandboxDir = (stateDir: string) => join(stateDir, "sandbox");
export const lockPath = (stateDir: string) => join(stateDir, "gateway.lock");

/** Eight hex digits that tell state directories apart where one name space is shared by all. */
export function stateDirId(stateDir: string): string {
  return createHash("sha256").update(resolve(stateDir)).digest("hex").slice(0, 8);
}

/** A Unix socket, or a named pipe on Windows, where files cannot be sockets. */
export function socketPath(stateDir: string, platform: NodeJS.Platform = process.platform): string {
  return platform === "win32" ? `\\\\.\\pipe\\gatehouse-${stateDirId(stateDir)}` : join(stateDir, "gateway.sock");
}
