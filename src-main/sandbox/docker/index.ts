/**
 * Walls of Docker: a container per place, through the Engine API. Must never pull an image, use a container that it did
 * not make, or run a command outside of one.
 */
import { hash } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { CommandRunner, CommandSpec } from "#main/base/command.ts";
import { isInside } from "#main/base/confined/names.ts";
import { messageOf, Refused, refuse } from "#main/base/errors.ts";
import { createRunner, type Running } from "#main/base/process/running.ts";
import type { Sandbox, SandboxAdapter, SandboxContext, SandboxPlace, SandboxSettings } from "../contract.ts";
import { placeName, Places } from "../places.ts";
import { readWorkspace, type WorkFolder } from "../workspace.ts";
import { dockerBadge } from "./badge.ts";
import { containerName, DEFAULT_IMAGE, LABEL, SCRATCH, toContainer, type ContainerPlan } from "./container.ts";
import { Engine } from "./engine.ts";
import { startExecution, textOf } from "./exec.ts";

/** Milliseconds for the whole probe. */
const PROBE_MS = 2000;

export const dockerAdapter: SandboxAdapter = {
  id: "docker",
  async probe(context) {
    const socketPath = socketOf(context.env);
    if (socketPath === undefined) return { ok: false, reason: "DOCKER_HOST names no Unix socket: only those are used" };
    const isThere = await stat(socketPath).catch(() => undefined);
    if (isThere?.isSocket() !== true)
      return { ok: false, reason: `Docker does not run here: there is no socket at ${socketPath}` };
    const image = context.env["GATEHOUSE_SANDBOX_IMAGE"] || DEFAULT_IMAGE;
    return new Promise((resolve) => {
      const timer = context.clock.after(PROBE_MS, () =>
        resolve({ ok: false, reason: `Docker did not answer within ${PROBE_MS / 1000} s` }),
      );
      const tried = open(context, new Engine(socketPath, context.clock), image);
      const failed = (error: unknown) => ({ ok: false as const, reason: messageOf(error) });
      void tried
        .catch(failed)
        .then(resolve)
        .finally(() => void timer.dispose());
    });
  },
};

function socketOf(env: SandboxContext["env"]): string | undefined {
  const host = env["DOCKER_HOST"];
  if (host === undefined || host === "") return "/var/run/docker.sock";
  return host.startsWith("unix:///") ? host.slice("unix://".length) : undefined;
}

async function open(context: SandboxContext, engine: Engine, image: string) {
  await engine.call("GET", "/_ping");
  const found = await engine.call("GET", `/images/${encodeURIComponent(image)}/json`, undefined, [404]);
  if (found.status === 404) {
    return {
      ok: false as const,
      reason: `Docker runs, but the image ${image} is not there; load it once: docker pull ${image}`,
    };
  }
  const { body } = await engine.call("GET", "/info");
  const options = (body as { SecurityOptions?: unknown }).SecurityOptions;
  const isRootless = Array.isArray(options) && options.includes("name=rootless");
  const places = await Places.open(context);
  // Without root of its own the Engine maps this user to root: written files are ours either way.
  const user = isRootless ? "0:0" : `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const instance = hash("sha256", context.dataDir).slice(0, 8);
  return { ok: true as const, sandbox: new DockerSandbox(context, { engine, places, image, user, instance }) };
}

interface DockerParts {
  engine: Engine;
  places: Places;
  image: string;
  user: string;
  instance: string;
}

class DockerSandbox implements Sandbox {
  readonly adapter = "docker";
  readonly #context: SandboxContext;
  readonly #parts: DockerParts;
  readonly #starting = new Map<string, Promise<string>>();
  readonly #running = new Set<Running>();

  constructor(context: SandboxContext, parts: DockerParts) {
    this.#context = context;
    this.#parts = parts;
  }

  badge(settings: SandboxSettings) {
    return dockerBadge(settings, this.#parts.image);
  }

  runnerFor(place: SandboxPlace, settings: SandboxSettings): CommandRunner {
    return createRunner(this.#context.clock, (spec) => this.#start(place, settings, spec));
  }

  /** Removes places that are too old, then the containers of places that are gone. */
  async prune(): Promise<void> {
    const { engine, places, instance } = this.#parts;
    const { log, dataDir } = this.#context;
    await places.prune();
    try {
      for (const { id, place } of await this.#containers(instance)) {
        const isKept = await stat(join(dataDir, "places", place)).catch(() => undefined);
        if (isKept === undefined) await engine.call("DELETE", `/containers/${id}?force=1&v=1`, undefined, [404, 409]);
      }
    } catch (error) {
      log.warn("containers of old places could not be removed", { error });
    }
  }

  /** Ends what runs. Containers stay for the next start: `prune` removes them in time. */
  async dispose(): Promise<void> {
    const running = [...this.#running];
    for (const execution of running) execution.end("abort");
    await Promise.all(running.map(({ ended }) => ended));
  }

  async #start(place: SandboxPlace, settings: SandboxSettings, spec: CommandSpec): Promise<Running> {
    const { engine, places, image, user, instance } = this.#parts;
    const work = await readWorkspace(place.workspace, [...this.#context.protectedPaths, this.#context.dataDir]);
    const cwd = await cwdOf(spec.cwd, work, settings);
    const name = placeName(place, settings.scope);
    const folders = await places.use(name);
    try {
      const container = await this.#container({ image, user, instance, place: name, folders, work, settings });
      const world = { engine, container, clock: this.#context.clock, log: this.#context.log };
      const execution = await startExecution(world, spec, cwd);
      this.#running.add(execution);
      void execution.ended.finally(() => {
        this.#running.delete(execution);
        places.release(name);
      });
      return execution;
    } catch (error) {
      places.release(name);
      throw new Refused("UNAVAILABLE", `The command was not run: ${messageOf(error)}`, { cause: error });
    }
  }

  /** The running container of a plan; two commands at once share the making of it. */
  #container(plan: ContainerPlan): Promise<string> {
    const name = containerName(plan);
    const starting = this.#starting.get(name) ?? this.#ensure(name, plan);
    this.#starting.set(name, starting);
    return starting.finally(() => this.#starting.delete(name));
  }

  async #ensure(name: string, plan: ContainerPlan): Promise<string> {
    const { engine, instance } = this.#parts;
    const found = await engine.call("GET", `/containers/${name}/json`, undefined, [404]);
    if (found.status === 404) await engine.call("POST", `/containers/create?name=${name}`, toContainer(plan), [409]);
    else if (labelsOf(found.body)[LABEL.instance] !== instance) {
      throw new Refused("UNAVAILABLE", `the container ${name} is not the gateway's own; remove it`);
    }
    // 304: it runs already.
    await engine.call("POST", `/containers/${name}/start`, undefined, [304]);
    return name;
  }

  async #containers(instance: string): Promise<{ id: string; place: string }[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: [`${LABEL.instance}=${instance}`] }));
    const { body } = await this.#parts.engine.call("GET", `/containers/json?all=1&filters=${filters}`);
    const list: readonly unknown[] = Array.isArray(body) ? body : [];
    return list
      .map((each) => ({
        id: textOf(each, "Id"),
        place: (each as { Labels?: Record<string, string> }).Labels?.[LABEL.place] ?? "",
      }))
      .filter(({ id, place }) => id !== "" && place !== "");
  }
}

function labelsOf(body: unknown): Record<string, string> {
  return (body as { Config?: { Labels?: Record<string, string> } } | undefined)?.Config?.Labels ?? {};
}

async function cwdOf(cwd: string, work: WorkFolder, settings: SandboxSettings): Promise<string> {
  const real = await realpath(cwd).catch(() => undefined);
  if (real === undefined || !isInside(work.real, real)) {
    throw refuse(`The sandbox does not show the folder '${cwd}'. Run the command in the workspace.`);
  }
  return settings.workspace === "none" ? SCRATCH : join(work.path, relative(work.real, real));
}
