/**
 * `gatehouse doctor`: what is wrong here, in words, with the place of each thing. Changes nothing, stops nothing. Exit
 * 0 when nothing is wrong (no running gateway is not wrong), 1 with findings.
 */
import { existsSync } from "node:fs";
import { dbPath } from "#main/config/paths.ts";
import { EXIT, isSet, printLine, usageError, type Invocation } from "./command.ts";
import { readConfig } from "./credentials.ts";
import { checkFiles } from "./doctor/files.ts";
import { fault, fine, type Finding } from "./doctor/finding.ts";
import { checkIdle, checkRunning } from "./doctor/running.ts";
import { checkConfig, checkPlainSecrets, checkSecrets } from "./doctor/settings.ts";
import { readLock, type LockReading } from "./lock-file.ts";
import { connectOwner } from "./owner.ts";
import { placeOf } from "./place.ts";
import { createStyle, toTerminalText } from "./terminal.ts";

async function checkDatabase(stateDir: string): Promise<Finding[]> {
  const path = dbPath(stateDir);
  if (!existsSync(path)) return [fine("database", "none yet; the first start makes it")];
  const { checkUnusedDatabase } = await import("#main/store/inspect.ts");
  const faults = checkUnusedDatabase(path);
  // A gateway that started meanwhile wrote while the copy was made: what the copy says means nothing then.
  if (readLock(stateDir).state === "running") return [fine("database", "in use by a gateway that just started")];
  if (faults.length === 0) return [fine("database", "sound")];
  return [fault("database", `${faults.join("; ")}. The next start keeps it aside and restores a backup`, path)];
}

/** A lock file that somebody else could have written is itself a finding. */
function tryReadLock(stateDir: string): { reading: LockReading; findings: Finding[] } {
  try {
    return { reading: readLock(stateDir), findings: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { reading: { state: "none" }, findings: [fault("gateway", message)] };
  }
}

/** All checks, in the order of the report. */
export async function examine(invocation: Invocation): Promise<Finding[]> {
  const { world } = invocation;
  const { stateDir, configPath } = placeOf(invocation);
  const versions = `gatehouse ${world.version}, node ${process.versions.node}, ${world.platform} ${process.arch}`;
  // Before anything opens a file there: opening puts some modes right.
  const files = checkFiles(stateDir);
  const { reading, findings } = tryReadLock(stateDir);
  const config = await readConfig(stateDir, configPath, world.env);
  const { state } = config;
  await config.dispose();
  const settings = [...checkConfig(state), ...checkPlainSecrets(state)];
  const known = new Set(settings.map(({ message }) => message));
  const { host, port } = state.config.gateway;
  const live =
    reading.state === "running"
      ? await checkRunning(() => connectOwner(invocation), world.version, known)
      : [
          ...(await checkIdle(reading, host, port)),
          ...(await checkSecrets(state, stateDir, world.env)),
          ...(await checkDatabase(stateDir)),
        ];
  return [fine("versions", versions), ...files, ...settings, ...findings, ...live];
}

export async function run(invocation: Invocation): Promise<number> {
  const { world, positionals } = invocation;
  if (positionals.length > 0) throw usageError("doctor takes no argument");
  const findings = await examine(invocation);
  const wrong = findings.filter(({ level }) => level !== "ok");
  if (isSet(invocation, "json")) {
    printLine(world.stdout, JSON.stringify({ ok: wrong.length === 0, findings }, null, 2));
  } else {
    const style = createStyle(world.stdout, world.env);
    for (const { area, level, message, path } of findings) {
      const mark = level === "ok" ? style.dim("ok     ") : style.bold(level.padEnd(7));
      printLine(
        world.stdout,
        `${mark} ${area.padEnd(13)} ${toTerminalText(path === undefined ? message : `${path}: ${message}`)}`,
      );
    }
    printLine(world.stdout, wrong.length === 0 ? "Nothing is wrong." : `${wrong.length} to look at.`);
  }
  return wrong.length === 0 ? EXIT.ok : EXIT.failed;
}
