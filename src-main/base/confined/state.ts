/** What is found at a confined path, as plain facts: kinds, identities, and marks by which a change is noticed. Pure. */
import type { BigIntStats } from "node:fs";
import { identityOf } from "./folder.ts";

/** What a file was: which one, and everything that changes when its content does. */
export interface FileState {
  /** `dev:ino`. */
  identity: string;
  /** Bytes. */
  size: number;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Times of the last change of content and of anything, nanoseconds: equal means untouched. */
  stamp: string;
}

export interface Found {
  kind: "missing" | "file" | "folder" | "special";
  /** Absolute, without links; also for what does not exist yet. */
  real: string;
  /** From the root, with `/`; empty for the root. */
  relative: string;
  /** Absent when missing. */
  state?: FileState;
}

export interface Entry {
  name: string;
  kind: "file" | "folder" | "link" | "special";
  /** Bytes; of files only. */
  size: number;
}

export function toFound(place: { real: string; relative: string; stats: BigIntStats | undefined }): Found {
  const { real, relative, stats } = place;
  if (stats === undefined) return { kind: "missing", real, relative };
  const kind = kindOf(stats);
  return { kind: kind === "link" ? "special" : kind, real, relative, state: toState(stats) };
}

export function toState(stats: BigIntStats): FileState {
  return {
    identity: identityOf(stats),
    size: Number(stats.size),
    mode: Number(stats.mode & 0o777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    stamp: `${stats.mtimeNs}:${stats.ctimeNs}`,
  };
}

export function kindOf(stats: BigIntStats): Entry["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  return stats.isSymbolicLink() ? "link" : "special";
}
