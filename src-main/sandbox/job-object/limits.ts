/**
 * The limits of a Job Object as Windows counts them: pure. Source: JOBOBJECT_EXTENDED_LIMIT_INFORMATION and
 * JOBOBJECT_CPU_RATE_CONTROL_INFORMATION in Microsoft's documentation of winnt.h. Nothing here was tried on Windows.
 */
import type { SandboxLimits } from "../contract.ts";

export interface JobLimits {
  /** `LimitFlags` of the basic information. */
  flags: number;
  /** `JobMemoryLimit`, bytes, for all processes together. */
  memoryBytes: number;
  activeProcesses: number;
  /** `CpuRate`: hundredths of a percent of all cores, 1…10000; absent: not limited. */
  cpuRate?: number;
  /** Windows has no limit on the size of a file. */
  notHeld: readonly "file size"[];
}

const ACTIVE_PROCESS = 0x8;
const JOB_MEMORY = 0x200;
const DIE_ON_UNHANDLED_EXCEPTION = 0x400;
const KILL_ON_JOB_CLOSE = 0x2000;

/** @param cores of this computer */
export function toJobLimits(limits: SandboxLimits, cores: number): JobLimits {
  const rate = limits.cpus === undefined ? undefined : Math.round((limits.cpus / cores) * 10_000);
  return {
    flags: ACTIVE_PROCESS | JOB_MEMORY | DIE_ON_UNHANDLED_EXCEPTION | KILL_ON_JOB_CLOSE,
    memoryBytes: limits.memoryMb * 1024 * 1024,
    activeProcesses: limits.processes,
    ...(rate === undefined ? {} : { cpuRate: Math.min(10_000, Math.max(1, rate)) }),
    notHeld: ["file size"],
  };
}
