/**
 * The environment of a command: what it was given, without the variables by which an environment runs code of its own.
 * Must never add a value that was not handed in.
 */

/** Read by shells, the loader and language runtimes before the program that was asked for. */
const RUNS_CODE =
  /^(BASH_ENV|ENV|BASH_FUNC_.*|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|IFS|CDPATH|GLOBIGNORE|POSIXLY_CORRECT|LD_.*|DYLD_.*|GCONV_PATH|NODE_OPTIONS|NODE_PATH|PYTHON(STARTUP|PATH|HOME|INSPECT)|PERL5?(OPT|LIB|DB).*|RUBY(OPT|LIB))$/;
/** Change what a program of the list does. */
const STEERS_LISTED =
  /^(GIT_.*|RIPGREP_CONFIG_PATH|GREP_(OPTIONS|COLORS?)|LS_COLORS|LSCOLORS|TREE_COLORS|PS_.*|CMD_ENV|I_WANT_A_BROKEN_PS|PAGER|LESS.*|DIFF_.*|POSIX.*|MAGIC|TMPDIR|_POSIX2_VERSION|VERSION_CONTROL)$/;

/** Folders of programs that belong to the system or to its package managers, never to a workspace. */
const SYSTEM_FOLDERS: readonly string[] = [
  ...["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin"],
  "/run/current-system/sw/bin",
];

export type Environment = Readonly<Record<string, string>>;

/** For any command. */
export function cleanEnvironment(env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !RUNS_CODE.test(name)));
}

/** For a command that only looks: programs are found in the system's own folders alone. */
export function lookingEnvironment(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !RUNS_CODE.test(name) && !STEERS_LISTED.test(name));
  const folders = (env["PATH"] ?? "").split(":").filter((folder) => SYSTEM_FOLDERS.includes(folder));
  return { ...Object.fromEntries(kept), PATH: (folders.length > 0 ? folders : SYSTEM_FOLDERS).join(":") };
}
