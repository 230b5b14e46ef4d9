/**
 * The options with which programs only look: tables from the manuals of GNU coreutils, findutils, diffutils, grep, procps
 * and of ripgrep, tree, file; only what means the same on BSD and macOS or is an error there. Must never list an option
 * that writes a file, runs a program, or prints the environment.
 */
import { literalOf, type Word } from "../shell/ast.ts";
import type { OptionTable } from "./options.ts";

const SUMS: OptionTable = {
  options: "-bctwz --binary --check --text --tag --zero --ignore-missing --quiet --status --strict --warn",
  isHarmless: true,
};
const NONE: OptionTable = { operands: (operands) => (operands.length > 0 ? "it takes no operands" : undefined) };

/** By the name of the program. */
export const PROGRAM_OPTIONS: Readonly<Record<string, OptionTable>> = {
  ls: {
    options: `
      -aAbBcCdfFgGhHiklLmnNopqQrRsStuUvxXZ1 -IwT: --all --almost-all --author --escape --ignore-backups --directory
      --dereference --full-time --no-group --group-directories-first --human-readable --inode --numeric-uid-gid
      --literal --recursive --reverse --size --si --file-type --kibibytes --quote-name --hide-control-chars --color[=]
      --classify[=] --hyperlink[=] --block-size= --format= --hide= --ignore= --sort= --time= --time-style= --width=
      --indicator-style=
    `,
    isHarmless: true,
  },
  cat: {
    options: `
      -AbeEnstTuv --show-all --number-nonblank --show-ends --number --squeeze-blank --show-tabs --show-nonprinting
    `,
    isHarmless: true,
  },
  head: {
    options: "-qvz -nc: --quiet --silent --verbose --zero-terminated --lines= --bytes=",
    takesNumber: true,
    isHarmless: true,
  },
  // Following (-f) only waits: its time runs out.
  tail: {
    options: `
      -qvzfF -ncs: --quiet --silent --verbose --zero-terminated --retry --follow[=] --lines= --bytes= --sleep-interval=
    `,
    takesNumber: true,
    isHarmless: true,
  },
  wc: { options: "-clmwL --bytes --chars --lines --words --max-line-length", isHarmless: true },
  stat: { options: "-Ltf -c: --dereference --terse --file-system --format= --printf=", isHarmless: true },
  // Not -C and -m (a compiled magic file), -z (runs unpackers), -f (reads names from a file), -s (devices), -p (sets times).
  file: {
    options: `
      -bhikLNnrv0 --brief --dereference --no-dereference --mime --mime-type --mime-encoding --keep-going --raw --print0
    `,
  },
  du: {
    options: `
      -aAbcDhHkLlmPsSx0 -dBt: --all --apparent-size --bytes --total --human-readable --count-links --summarize
      --separate-dirs --one-file-system --null --si --inodes --dereference --no-dereference --time[=] --max-depth=
      --block-size= --threshold= --exclude=
    `,
    isHarmless: true,
  },
  df: {
    options: `
      -ahHiklPT -Btx: --all --human-readable --si --inodes --local --no-sync --portability --total --print-type
      --output[=] --block-size= --type= --exclude-type=
    `,
    isHarmless: true,
  },
  pwd: { ...NONE, options: "-LP --logical --physical" },
  whoami: NONE,
  id: { options: "-Ggnruz --group --groups --name --real --user --zero", isHarmless: true },
  uname: {
    ...NONE,
    options: `
      -asnrvmpio --all --kernel-name --nodename --kernel-release --kernel-version --machine --operating-system
    `,
  },
  // An operand without a plus sets the clock, and so does -s; BSD's -f does as well.
  date: {
    options: "-uRjn -I? -d: --utc --universal --rfc-email --debug --iso-8601[=] --date= --rfc-3339=",
    operands: (operands) =>
      operands.every((word) => literalOf(word)?.startsWith("+") === true) ? undefined : "it would set the clock",
  },
  which: { options: "-as", isHarmless: true },
  grep: {
    options: `
      -EFGPivwxcoqsnHhlLraIbzZTyU -eABCmf: --extended-regexp --fixed-strings --basic-regexp --perl-regexp --ignore-case
      --no-ignore-case --invert-match --word-regexp --line-regexp --count --only-matching --quiet --silent --no-messages
      --line-number --with-filename --no-filename --files-with-matches --files-without-match --recursive --text
      --byte-offset --null --null-data --initial-tab --line-buffered --color[=] --colour[=] --regexp= --after-context=
      --before-context= --context= --max-count= --include= --exclude= --exclude-dir= --binary-files= --label= --file=
    `,
    takesNumber: true,
    isHarmless: true,
  },
  // Not --pre and --hostname-bin (run a program), -z (unpackers), -L (follows links anywhere).
  rg: {
    options: `
      -acFhHiIlNnopPqsSuUvVwx0. -ABCeEgjmMrtTd: --text --count --count-matches --fixed-strings --with-filename
      --no-filename --ignore-case --hidden --files-with-matches --files-without-match --no-line-number --line-number
      --only-matching --pretty --pcre2 --quiet --case-sensitive --smart-case --unrestricted --multiline
      --multiline-dotall --invert-match --word-regexp --line-regexp --null --files --json --no-heading --heading
      --no-ignore --no-ignore-vcs --no-messages --stats --trim --vimgrep --column --no-config --passthru --type-list
      --byte-offset --one-file-system --glob-case-insensitive --no-unicode --crlf --after-context= --before-context=
      --context= --regexp= --encoding= --glob= --iglob= --max-count= --replace= --max-columns= --type= --type-not=
      --max-depth= --max-filesize= --color= --sort= --sortr= --threads= --context-separator= --field-match-separator=
    `,
  },
  // Not -o (writes), -T, -S, --compress-program (spill to disk, run), -R (reads a source), --files0-from.
  sort: {
    options: `
      -bcCdfghiMmnrsuVz -kt: --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort
      --human-numeric-sort --ignore-nonprinting --month-sort --numeric-sort --reverse --stable --unique --version-sort
      --merge --zero-terminated --debug --check[=] --key= --field-separator=
    `,
  },
  // A second operand is the file to write.
  uniq: {
    options: `
      -cdDiuz -fsw: --count --repeated --unique --ignore-case --zero-terminated --all-repeated[=] --group[=]
      --skip-fields= --skip-chars= --check-chars=
    `,
    operands: (operands) => {
      if (operands.length > 1) return "its second operand is a file that it writes";
      const [only] = operands;
      return only === undefined || isPlainOperand(only) ? undefined : "its operand may become several";
    },
  },
  cut: {
    options: `
      -nsz -bcdf: --complement --only-delimited --zero-terminated --bytes= --characters= --delimiter= --fields=
      --output-delimiter=
    `,
    isHarmless: true,
  },
  tr: { options: "-cCdst --complement --delete --squeeze-repeats --truncate-set1", isHarmless: true },
  // Not -l (runs pr), and not -a beside -r: links inside the folders are followed.
  diff: {
    options: `
      -bBcdeEfHiInNpqrstTuwyZ -UCWxF: --brief --report-identical-files --side-by-side --suppress-common-lines
      --recursive --new-file --ignore-case --ignore-all-space --ignore-space-change --ignore-blank-lines
      --ignore-tab-expansion --ignore-trailing-space --minimal --expand-tabs --initial-tab --strip-trailing-cr
      --no-dereference --show-c-function --left-column --normal --ed --speed-large-files --color[=] --unified[=]
      --context[=] --exclude= --label= --width=
    `,
  },
  cmp: { options: "-bls -in: --print-bytes --verbose --quiet --silent --ignore-initial= --bytes=", isHarmless: true },
  md5sum: SUMS,
  sha1sum: SUMS,
  sha256sum: SUMS,
  basename: { options: "-az -s: --multiple --zero --suffix=", isHarmless: true },
  dirname: { options: "-z --zero", isHarmless: true },
  realpath: {
    options: `
      -eLmPqsz --canonicalize-existing --canonicalize-missing --logical --physical --quiet --strip --no-symlinks
      --relative-to= --relative-base=
    `,
    isHarmless: true,
  },
  readlink: {
    options: `
      -emfnqsvz --canonicalize --canonicalize-existing --canonicalize-missing --no-newline --quiet --silent --zero
    `,
    isHarmless: true,
  },
  // Not -o (writes) and -R (writes 00Tree.html). `-Lo 1 x` is `-L 1 -o x`.
  tree: {
    options: `
      -adfghilnNpqrstuvxACDFJQSUX -LPIH: --dirsfirst --filesfirst --noreport --prune --du --si --gitignore --inodes
      --device --matchdirs --filelimit= --charset= --sort= --timefmt=
    `,
    valuesApart: true,
  },
  uptime: { ...NONE, options: "-ps --pretty --since" },
  free: {
    ...NONE,
    options: "-bkmghltvw --bytes --kilo --mega --giga --human --lohi --total --wide --si --kibi --mebi --gibi",
  },
};

function isPlainOperand(word: Word): boolean {
  const text = literalOf(word);
  return text !== undefined && !text.startsWith("+");
}
