// What the doctor finds about the machine: CPU, cores and memory granted, the allocator.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cpuFeatures, type Machine } from '../../config/machine.js';
import { bestPrecision, type Caches, type OneDnn } from '../../config/onednn.js';
import { gigabytes, ok, warning, type Finding } from './finding.js';

/** The library alone maps 0.3 GB; a ResNet-50 in two workers takes 0.9 GB. */
const LITTLE_MEMORY = 1e9;

export function examineCpu({ cpuModel, features }: Machine): Finding {
  const present = cpuFeatures.filter((name) => features[name]);
  const value = `${cpuModel}; ${present.length === 0 ? 'no vector features found' : present.join(' ')}`;
  const x86 = process.arch === 'x64';
  return x86 && !features.avx2
    ? warning(
        'CPU',
        value,
        'Serve on a CPU with AVX2, better AVX-512 or AMX: predictions are several times faster.',
      )
    : ok('CPU', value);
}

/** What the CPU's features mean for `precision: auto`. */
export const examinePrecision = (machine: Machine, oneDnn: OneDnn): Finding =>
  ok(
    'bfloat16',
    bestPrecision(oneDnn, machine) === 'bfloat16' ? 'computed natively' : 'not native here; float32 is used',
  );

export function examineCpuCaches(caches: Caches, oneDnn: OneDnn): Finding {
  const name = 'CPU caches';
  if (!caches.hidden) return ok(name, 'known');
  const hidden = 'their sizes are hidden';
  if (caches.correctable) {
    return ok(
      name,
      `${hidden}; ${oneDnn === 'on' ? 'oneDNN is told to use its own guess' : 'oneDNN is off, by TF_ENABLE_ONEDNN_OPTS'}`,
    );
  }
  return warning(
    name,
    oneDnn === 'off'
      ? `${hidden}, so TensorFlow runs without oneDNN and in float32`
      : `${hidden}, and oneDNN is on all the same: the process may end, answers may be wrong`,
    'Run `npx h5serve setup --force`, or let the hypervisor pass on CPUID leaf 0x8000001D: predictions are up to ' +
      'twice as fast.',
  );
}

export function examineCores({ cores, host, cpuQuota }: Machine): Finding {
  const quota = cpuQuota === null ? '' : `, quota ${cpuQuota}`;
  const value = `${cores} granted of ${host.cores}${quota}`;
  return cpuQuota !== null && cpuQuota < 1
    ? warning(
        'Cores',
        value,
        'Grant at least one whole core: below that, every prediction is paused in the middle.',
      )
    : ok('Cores', value);
}

export function examineMemory({ memoryBytes, host }: Machine): Finding {
  const value = `${gigabytes(memoryBytes)} granted of ${gigabytes(host.memoryBytes)}`;
  return memoryBytes < LITTLE_MEMORY
    ? warning('Memory', value, 'Grant 1 GB or more: TensorFlow alone takes 0.3 GB.')
    : ok('Memory', value);
}

/** What is mapped, not what LD_PRELOAD asks for: a wrong path there is only a line on stderr. */
export function examineAllocator(mallocArenas: string | undefined, root = '/'): Finding {
  let maps = '';
  try {
    maps = readFileSync(path.join(root, 'proc/self/maps'), 'utf8');
  } catch {
    // Not Linux.
  }
  const library = /\/(lib(?:jemalloc|tcmalloc|mimalloc)[^/\s]*)$/m.exec(maps)?.[1];
  if (library !== undefined) return ok('Allocator', library);
  if (mallocArenas !== undefined) return ok('Allocator', `the C library's, MALLOC_ARENA_MAX=${mallocArenas}`);
  return {
    ...ok('Allocator', "the C library's, MALLOC_ARENA_MAX not set"),
    remedy: 'To keep memory flat under load, set MALLOC_ARENA_MAX=2 or preload jemalloc.',
  };
}
