// The machine as this process may use it: cores and memory that its container really grants, and what the CPU can.
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readGrants } from './cgroup.js';

/** The names of Linux's flags in /proc/cpuinfo, x86 first; `bf16` and `i8mm` are ARM's. */
export const cpuFeatures = [
  'avx2',
  'fma',
  'avx_vnni',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'amx_tile',
  'amx_int8',
  'amx_bf16',
  'bf16',
  'i8mm',
] as const;

export type CpuFeature = (typeof cpuFeatures)[number];

export interface Machine {
  /** Whole cores granted: the smallest of affinity, cpuset and quota, at least 1. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly cpuModel: string;
  readonly features: Readonly<Record<CpuFeature, boolean>>;
  /** A virtual machine on AMD that does not tell the sizes of the CPU's caches; oneDNN goes wrong there. */
  readonly cachesHidden: boolean;
  /** What the host has, before any limit. */
  readonly host: { readonly cores: number; readonly memoryBytes: number };
  /** The quota as written, such as 1.5; null without one. */
  readonly cpuQuota: number | null;
}

export interface MachineOptions {
  /** The folder that holds proc/ and sys/; a test's own tree. */
  readonly root?: string;
  /** Processors that the scheduler lets this process run on. */
  readonly affinity?: number;
  readonly hostCores?: number;
  readonly hostMemoryBytes?: number;
}

function readCpuInfo(root: string): string {
  try {
    return readFileSync(path.join(root, 'proc/cpuinfo'), 'utf8');
  } catch {
    return '';
  }
}

/** The kernel lists caches by the same CPUID leaf (0x8000001D) that oneDNN reads. */
function hidesCaches(root: string, cpuInfo: string): boolean {
  const processor = path.join(root, 'sys/devices/system/cpu/cpu0');
  return (
    /^vendor_id\s*:\s*AuthenticAMD$/m.test(cpuInfo) &&
    existsSync(processor) &&
    !existsSync(path.join(processor, 'cache'))
  );
}

export function readMachine(options: MachineOptions = {}): Machine {
  const root = options.root ?? '/';
  const hostCores = options.hostCores ?? os.cpus().length;
  const hostMemory = options.hostMemoryBytes ?? os.totalmem();
  const affinity = options.affinity ?? os.availableParallelism();
  const cpuInfo = readCpuInfo(root);
  const flags = new Set((/^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1] ?? '').trim().split(/\s+/));
  const grants = readGrants(root);
  return {
    // Rounded down: a thread more than the quota pays for is paused in the middle of a prediction.
    cores: Math.max(1, Math.floor(Math.min(affinity, grants.processors, grants.quota))),
    memoryBytes: Math.min(hostMemory, grants.memoryBytes),
    cpuModel: /^model name\s*:\s*(.+)$/m.exec(cpuInfo)?.[1] ?? os.cpus()[0]?.model ?? 'unknown',
    features: Object.fromEntries(cpuFeatures.map((name) => [name, flags.has(name)])) as Record<
      CpuFeature,
      boolean
    >,
    cachesHidden: hidesCaches(root, cpuInfo),
    host: { cores: hostCores, memoryBytes: hostMemory },
    cpuQuota: Number.isFinite(grants.quota) ? grants.quota : null,
  };
}

export const machine = (): Machine => readMachine();
