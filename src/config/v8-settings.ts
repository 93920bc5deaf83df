// V8's own settings: flags of the whole process, worker threads included.
import { setFlagsFromString } from 'node:v8';

/**
 * No helper threads for collecting garbage. Every processor has a worker that computes: a thread that shares a pause of
 * 2 ms would wait for its turn up to ten, and the main thread for it. The heap has some 40 MB, alone it is as fast.
 */
const FLAGS = ['--no-parallel-scavenge', '--no-concurrent-marking'] as const;

/** Call it before much garbage has been made. */
export function applyV8Settings(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
