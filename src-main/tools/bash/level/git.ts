/**
 * `git`: the subcommands that only look, and what makes them keep to it. A repository's own settings can name programs
 * for looking too; what is run is therefore given the guards below, and they are part of the plan that is shown.
 * Sources: git(1), git-config(1), gitattributes(5).
 */
import { literalOf, patternOf, type Word } from "../shell/ast.ts";
import { checkOptions, type OptionTable } from "./options.ts";

/** Between `git` and the subcommand. */
const GLOBAL: ReadonlySet<string> = new Set(["--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs"]);

/** Signatures are checked by a program that the repository may name. */
function checkFormat(name: string, value: string): string | undefined {
  if (!["format", "pretty"].includes(name)) return undefined;
  const isKnown = /^(oneline|short|medium|full|fuller|reference|raw|email|t?format:.*|.*%.*)$/s.test(value);
  if (!isKnown) return `the format ${value} may be one of the repository's own`;
  return /%[-+ ]?G|%\(signature/.test(value) ? "its format checks signatures, which runs a program" : undefined;
}

const LOOK: OptionTable = {
  options: `
    -puswbRzacimtrq -UMCB? -nSGL: --patch --no-patch --raw --numstat --shortstat --summary --name-only --name-status
    --no-color --check --full-index --binary --minimal --patience --histogram --text --ignore-space-at-eol
    --ignore-cr-at-eol --ignore-space-change --ignore-all-space --ignore-blank-lines --function-context --no-renames
    --pickaxe-all --pickaxe-regex --exit-code --quiet --no-prefix --cached --staged --merge-base --no-ext-diff
    --no-textconv --patch-with-stat --compact-summary --oneline --graph --all --branches --tags --remotes --merges
    --no-merges --first-parent --reverse --topo-order --date-order --author-date-order --follow --abbrev-commit
    --no-abbrev-commit --parents --children --left-right --cherry-pick --cherry --no-walk --source --full-history
    --simplify-merges --no-notes --regexp-ignore-case --extended-regexp --invert-grep --fixed-strings --perl-regexp
    --all-match --boundary --relative-date --no-decorate --root --stat[=] --dirstat[=] --color[=] --word-diff[=]
    --color-words[=] --color-moved[=] --find-renames[=] --find-copies[=] --abbrev[=] --relative[=] --decorate[=]
    --unified[=] --break-rewrites[=] --pretty[=] --format[=] --cc[=] --diff-filter= --diff-algorithm=
    --inter-hunk-context= --max-count= --skip= --since= --after= --until= --before= --author= --committer= --grep=
    --date= --word-diff-regex= --src-prefix= --dst-prefix= --line-prefix= --encoding= --min-parents= --max-parents=
    --glob= --exclude=
  `,
  takesNumber: true,
  value: checkFormat,
};

const SUBCOMMANDS: Readonly<Record<string, OptionTable>> = {
  // Not -v: it shows changes, and with them what a driver made of them.
  status: {
    options: `
      -sbz --short --branch --show-stash --long --ahead-behind --no-ahead-behind --no-renames --null --porcelain[=]
      --untracked-files[=] --ignored[=] --column[=] --find-renames[=]
    `,
  },
  log: LOOK,
  diff: LOOK,
  show: LOOK,
  branch: {
    options: `
      -arvqi --list --all --remotes --verbose --no-color --ignore-case --show-current --no-column --color[=] --column[=]
      --abbrev[=] --contains[=] --no-contains[=] --merged[=] --no-merged[=] --sort= --points-at= --format=
    `,
    value: checkFormat,
  },
  "rev-parse": {
    options: `
      -q --show-toplevel --show-prefix --show-cdup --git-dir --absolute-git-dir --git-common-dir --verify
      --is-inside-work-tree --is-inside-git-dir --is-bare-repository --is-shallow-repository --symbolic
      --symbolic-full-name --all --branches --tags --remotes --revs-only --quiet --short[=] --abbrev-ref[=]
      --show-object-format[=]
    `,
  },
  "ls-files": {
    options: `
      -cdmoiszvtufk -x: --cached --deleted --modified --others --ignored --stage --unmerged --killed --directory
      --no-empty-directory --exclude-standard --error-unmatch --full-name --eol --deduplicate --debug --abbrev[=]
      --exclude=
    `,
  },
  blame: {
    options: `
      -bcefklnpstw -L: --root --porcelain --line-porcelain --incremental --show-email --show-name --show-number
      --show-stats --abbrev[=] --color-lines[=] --color-by-age[=] --date= --since=
    `,
  },
};

/** No drivers for showing contents; no look into submodules, whose settings nobody has seen. */
const SHOWING: readonly string[] = ["--no-ext-diff", "--no-textconv", "--ignore-submodules=all"];
const GUARDS: Readonly<Record<string, readonly string[]>> = {
  log: SHOWING,
  diff: SHOWING,
  show: SHOWING,
  status: ["--ignore-submodules=all"],
  blame: ["--no-textconv"],
};

/** Why the words of a `git` are not known to be harmless, or undefined when they are. */
export function checkGit(words: readonly Word[]): string | undefined {
  const at = subcommandAt(words);
  const name = at < 0 ? undefined : literalOf(words[at] ?? { parts: [], raw: "" });
  if (name === undefined) return "git's options before its subcommand are not known to be harmless";
  const table = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (table === undefined) return `git ${name} may change something`;
  const rest = words.slice(at + 1);
  if (name === "branch" && !rest.some((word) => literalOf(word) === "--list")) return "git branch without --list";
  const why = checkOptions(rest, table);
  return why === undefined ? undefined : `git ${name}: ${why}`;
}

/** Index of the subcommand; -1 when something unknown stands before it. */
function subcommandAt(words: readonly Word[]): number {
  const at = words.findIndex((word) => !GLOBAL.has(literalOf(word) ?? ""));
  return at >= 0 && !patternOf(words[at] ?? { parts: [], raw: "-" }).startsWith("-") ? at : -1;
}

/**
 * The arguments of a harmless `git` with its guards put in: no pager, no drivers for showing changes.
 * @param argv with `git` first, as `checkGit` passed it
 */
export function guardGit(argv: readonly string[]): string[] {
  const [program = "git", ...rest] = argv;
  const at = rest.findIndex((text) => !GLOBAL.has(text));
  const name = rest[at] ?? "";
  const missing = (GUARDS[name] ?? []).filter((guard) => !rest.slice(0, dashesIn(rest)).includes(guard));
  const pager = rest.slice(0, at).some((text) => text === "--no-pager" || text === "-P") ? [] : ["--no-pager"];
  return [program, ...pager, ...rest.slice(0, at + 1), ...missing, ...rest.slice(at + 1)];
}

function dashesIn(words: readonly string[]): number {
  const at = words.indexOf("--");
  return at < 0 ? words.length : at;
}

/** Settings that name programs, each set to what runs none; they win over the repository's own. */
const SETTINGS = `
  core.fsmonitor=false core.hooksPath=/dev/null core.pager=cat core.attributesFile=/dev/null core.sshCommand=false
  diff.ignoreSubmodules=all diff.orderFile=/dev/null submodule.recurse=false status.submoduleSummary=false
  log.showSignature=false format.pretty=medium gpg.program=false gpg.ssh.program=false gpg.x509.program=false
  gpg.ssh.defaultKeyCommand=false protocol.allow=never safe.bareRepository=explicit
`;

/** The variables that a harmless `git` runs with: no settings but the repository's, and those without programs. */
export function gitEnvironment(): Record<string, string> {
  const settings = SETTINGS.trim()
    .split(/\s+/)
    .map((setting) => setting.split("="));
  return {
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_PAGER: "cat",
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(settings.map(([key = ""], index) => [`GIT_CONFIG_KEY_${index}`, key])),
    ...Object.fromEntries(settings.map(([, value = ""], index) => [`GIT_CONFIG_VALUE_${index}`, value])),
  };
}

/**
 * Why a repository's own settings let even looking run a program, or undefined. A filter (`filter.x.clean`) is run to
 * compare files and cannot be switched off from outside; included settings cannot be seen from here.
 * @param config content of a repository's `config`
 */
export function findPrograms(config: string): string | undefined {
  const section = /\[\s*(filter|include(?:if)?)\b/i.exec(config)?.[1];
  return section === undefined ? undefined : `its settings have a section [${section.toLowerCase()}]`;
}
