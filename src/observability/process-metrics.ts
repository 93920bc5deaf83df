// The process itself, by prom-client: processor time, memory, open files, event-loop delay, garbage collection.
import type { Registry } from 'prom-client';
import type { WatchPauses } from '../contracts/watch-pauses.js';
import type { Family } from './family.js';
import { Pauses } from './pauses.js';

let watched: Promise<Registry> | undefined;
let pauses: Pauses | undefined;

/**
 * One for the process, however many services are in it: each watches the event loop by a timer that never ends. Loading
 * prom-client takes 60 ms, for which a start has a better moment than its first. Without `watchPauses` it counts them itself.
 */
export function watchProcess(watchPauses?: WatchPauses): Promise<Registry> {
  return (watched ??= import('./default-metrics.js').then(({ defaultMetrics }) => {
    if (watchPauses !== undefined) pauses = new Pauses(watchPauses);
    return defaultMetrics({ pauses: pauses === undefined });
  }));
}

export async function processFamilies(): Promise<readonly Family[]> {
  const metrics = await (await watchProcess()).getMetricsAsJSON();
  const families = metrics.map(({ name, help, type, values }): Family => {
    const family = String(type) === 'counter' ? name.replace(/_total$/, '') : name;
    return {
      name: family,
      help,
      type: String(type) as Family['type'],
      samples: values.map((sample) => {
        const named = 'metricName' in sample ? String(sample.metricName) : name;
        return {
          suffix: named.slice(name.length),
          labels: Object.fromEntries(
            Object.entries(sample.labels).map(([label, text]) => [label, String(text)]),
          ),
          value: sample.value,
        };
      }),
    };
  });
  return pauses === undefined ? families : [...families, pauses.family()];
}
