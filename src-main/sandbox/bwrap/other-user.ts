/**
 * Another user for a gateway that runs as root: limits on processes do not bind root, and what root may do by its number
 * alone is too much. The text below is run by perl before bubblewrap: it maps the place and the workspace so that they
 * belong to that user in this command's view alone (on disk they stay root's), and becomes that user for good. Must
 * never let anything of the command run before it is that user.
 *
 * Sources: mount_setattr(2) (MOUNT_ATTR_IDMAP, Linux 5.12), open_tree(2), move_mount(2), user_namespaces(7). System
 * call numbers from 424 on are the same on every architecture; that of unshare is not.
 */

/** Number of unshare(2) by `process.arch`. */
const UNSHARE: Readonly<Record<string, number>> = { x64: 272, arm64: 97, riscv64: 97, loong64: 97 };

/**
 * The user's number: above the ranges for people, services and containers, below the last ones. Source: systemd's
 * "Users, Groups, UIDs and GIDs" (1879048192…2147483647 is used by nobody but one block near its end).
 */
export const OTHER_ID = 1_900_000_000;

/** Exit code and first words when the view could not be made. */
export const FAILED = { code: 125, words: "gatehouse-walls: " } as const;

/** Where the place appears: folders that every system has and that are not shown behind the walls. */
export const MOUNT_POINTS = ["/mnt", "/media", "/srv", "/opt", "/tmp"] as const;
/** Where the workspace appears in the place. */
export const WORKSPACE_VIEW = "scratch-workspace";

/**
 * Arguments of perl, to be followed by the command that the other user runs.
 * @param at one of `MOUNT_POINTS`
 * @param place absolute folder of the place, with an empty folder `WORKSPACE_VIEW` in it
 * @param workspace absolute; undefined when there is none to see
 * @returns undefined on an architecture whose numbers are not known
 */
export function otherUserArguments(
  at: string,
  place: string,
  workspace: string | undefined,
  arch: string = process.arch,
): string[] | undefined {
  const unshare = UNSHARE[arch];
  if (unshare === undefined) return undefined;
  return ["-e", SCRIPT, String(unshare), String(OTHER_ID), at, place, workspace ?? ""];
}

const SCRIPT = String.raw`
use strict;
my ($unshare, $id, $at, $place, $workspace, @command) = @ARGV;
my ($root, $none, $workspace_at) = ("/", "", "$at/${WORKSPACE_VIEW}");
sub fail { print STDERR "${FAILED.words}$_[0]: $!\n"; exit ${FAILED.code} }
sub must { my ($what, $result) = @_; fail($what) if $result == -1; return $result }

# A process that holds the mapping: on disk 0, in the view the other user.
pipe(my $ready_out, my $ready_in) or fail("pipe");
pipe(my $done_out, my $done_in) or fail("pipe");
my $holder = fork();
fail("fork") if !defined $holder;
if ($holder == 0) {
  close $ready_out; close $done_in;
  must("user namespace", syscall($unshare + 0, 0x10000000));
  syswrite $ready_in, "x";
  sysread $done_out, my $never, 1;
  require POSIX; POSIX::_exit(0);
}
close $ready_in; close $done_out;
sysread($ready_out, my $ready, 1) or fail("user namespace");
for my $kind ("uid", "gid") {
  open(my $map, ">", "/proc/$holder/${"${kind}"}_map") or fail("mapping");
  defined syswrite($map, "0 $id 1\n") or fail("mapping");
  close $map;
}
open(my $mapping, "<", "/proc/$holder/ns/user") or fail("mapping");

# Mounts of this command alone.
must("mount namespace", syscall($unshare + 0, 0x20000));
my $private = pack("Q4", 0, 0, 1 << 18, 0);
must("private mounts", syscall(442, -100, $root, 0x8000, $private, 32));
sub view {
  my ($from) = @_;
  my $tree = must("open $from", syscall(428, -100, $from, 0x80001));
  my $mapped = pack("Q4", 0x100000, 0, 0, fileno($mapping));
  must("map $from", syscall(442, $tree, $none, 0x1000, $mapped, 32));
  return $tree;
}
my $place_tree = view($place);
my $workspace_tree = $workspace eq "" ? undef : view($workspace);
must("show the place", syscall(429, $place_tree, $none, -100, $at, 4));
must("show the workspace", syscall(429, $workspace_tree, $none, -100, $workspace_at, 4)) if defined $workspace_tree;
close $done_in;
waitpid $holder, 0;

# From here on nobody of importance.
chdir "/" or fail("chdir");
$( = $id;
$) = "$id $id";
$< = $id;
$> = $id;
fail("the change of user") if $< != $id || $> != $id || "$(" ne "$id $id" || "$)" ne "$id $id";
exec { $command[0] } @command;
fail("bubblewrap");
`;
