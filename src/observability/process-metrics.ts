// The process itself, by prom-client: processor time, memory, open files, event-loop delay, garbage collection.
import type { Registry } from 'prom-client';
import type { Family } from './family.js';

let watched: Promise<Registry> | undefined;

/**
 * One for the process, however many services are in it: each watches the event loop by a timer that never ends. Loading
 * prom-client takes 60 ms, for which a start has a better moment than its first.
 */
export function watchProcess(): Promise<Registry> {
  return (watched ??= import('prom-client').then(({ collectDefaultMetrics, Registry: Metrics }) => {
    const register = new Metrics();
    collectDefaultMetrics({ register });
    return register;
  }));
}

export async function processFamilies(): Promise<readonly Family[]> {
  const metrics = await (await watchProcess()).getMetricsAsJSON();
  return metrics.map(({ name, help, type, values }): Family => {
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
}
