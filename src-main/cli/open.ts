/**
 * `gatehouse open`: the running gateway's page in the browser, signed in by a one-time code in the fragment, which no
 * server sees. Starts nothing unless told to; prints the code only with --print, or where there is no display for a browser.
 */
import { spawn } from "node:child_process";
import { Refused } from "#main/base/errors.ts";
import { EXIT, isSet, printLine, type Invocation, type World } from "./command.ts";
import { readLock } from "./lock-file.ts";
import { withOwner } from "./owner.ts";
import { placeOf } from "./place.ts";

/** The program by which each system opens an address in the owner's browser. */
export function toOpener(platform: NodeJS.Platform, url: string): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open", url];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}

/** Resolves when the program was started; throws Refused when there is none. */
function launch([program, ...args]: readonly [string, ...string[]]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, stdio: "ignore" });
    child.once("error", () => {
      reject(new Refused("NO_BROWSER", `no browser could be opened (${program}); open --print gives the link`));
    });
    child.once("spawn", () => {
      child.unref();
      resolve();
    });
  });
}

/** Starts `serve` in the background and waits for the line that says it answers. */
function startInBackground(invocation: Invocation): Promise<void> {
  const { stateDir, configPath } = placeOf(invocation);
  const [program = process.execPath, ...script] = invocation.world.self;
  const config = configPath === undefined ? [] : ["--config", configPath];
  const args = [...script, "serve", "--state-dir", stateDir, ...config];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const fail = () => reject(new Refused("NOT_RUNNING", "the gateway did not start; gatehouse serve shows why"));
    child.once("error", fail).once("exit", fail);
    child.stdout.once("data", () => {
      child.stdout.destroy();
      child.unref();
      resolve();
    });
  });
}

/** A browser needs one; `xdg-open` claims success without. */
export function hasDisplay({ platform, env }: Pick<World, "platform" | "env">): boolean {
  return platform === "darwin" || platform === "win32" || Boolean(env["DISPLAY"] || env["WAYLAND_DISPLAY"]);
}

/** The page's address with a code that lives two minutes and works once. */
async function makeLink(invocation: Invocation): Promise<string> {
  const { url, code } = await withOwner(invocation, (client) => client.request("device.bootstrap.create", {}));
  return `${new URL(url).origin}/#code=${encodeURIComponent(code)}`;
}

export async function run(invocation: Invocation): Promise<number> {
  const { world } = invocation;
  if (isSet(invocation, "start") && readLock(placeOf(invocation).stateDir).state !== "running") {
    await startInBackground(invocation);
  }
  const link = await makeLink(invocation);
  const words = "There is no display here. Open this link in a browser of this computer within two minutes:";
  if (isSet(invocation, "print")) printLine(world.stdout, link);
  else if (!hasDisplay(world)) printLine(world.stdout, `${words}\n${link}`);
  else {
    await launch(toOpener(world.platform, link));
    printLine(world.stdout, "Opened in the browser.");
  }
  return EXIT.ok;
}
