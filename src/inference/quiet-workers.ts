import type { Piscina } from 'piscina';
import { SmallMap } from './small-map.js';

/**
 * What Piscina does for each task that would fill the heap of the main thread, done otherwise (docs/adr/0008).
 * It describes every worker anew, by an object with accessors of its own. V8 makes a hidden class of each, which collections
 * of young objects keep: these took 2 to 4 ms in place of one. And it keeps a worker's tasks in a Map, which runs empty.
 */
export function quietWorkers(piscina: Piscina): void {
  piscina.on('workerCreate', (description: object) => {
    for (const key of Object.getOwnPropertySymbols(description)) {
      const worker: unknown = Reflect.get(description, key);
      if (typeof worker !== 'object' || worker === null || !('interface' in worker)) continue;
      Object.defineProperty(worker, 'interface', { value: description });
      if (!('taskInfos' in worker) || !(worker.taskInfos instanceof Map)) continue;
      Object.defineProperty(worker, 'taskInfos', { value: new SmallMap(worker.taskInfos) });
    }
  });
}
