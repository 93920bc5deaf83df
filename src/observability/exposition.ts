// Metrics as text for scrapers: Prometheus' format, https://prometheus.io/docs/instrumenting/exposition_formats, and
// OpenMetrics, https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md.
import type { Family, Sample } from './family.js';

export const TEXT_FORMATS = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;

export type TextFormat = keyof typeof TEXT_FORMATS;

export function exposition(families: readonly Family[], format: TextFormat): string {
  const blocks = families.map(({ name, help, type, samples }) => {
    const written = type === 'counter' ? `${name}_total` : name;
    // OpenMetrics names a counter without the `_total` that its samples have.
    const title = format === 'openmetrics' ? name : written;
    return [
      `# HELP ${title} ${escapeText(help)}`,
      `# TYPE ${title} ${type}`,
      ...samples.map((sample) => line(written, sample)),
      '',
    ].join('\n');
  });
  return blocks.join('') + (format === 'openmetrics' ? '# EOF\n' : '');
}

const line = (name: string, { suffix = '', labels, value }: Sample): string => {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${escapeText(text).replaceAll('"', '\\"')}"`,
  );
  return `${name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
};

const escapeText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const numberText = (value: number): string =>
  value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
