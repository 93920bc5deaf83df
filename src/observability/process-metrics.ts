// The process itself, by prom-client: processor time, memory, open files, event-loop delay, garbage collection.
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Family } from './family.js';

let watched: Registry | undefined;

/** One for the process, however many services are in it: each watches the event loop by a timer that never ends. */
function registry(): Registry {
  if (watched === undefined) {
    watched = new Registry();
    collectDefaultMetrics({ register: watched });
  }
  return watched;
}

export async function processFamilies(): Promise<readonly Family[]> {
  const metrics = await registry().getMetricsAsJSON();
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
