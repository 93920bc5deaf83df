// Values for a JSON Schema: such as it asks for, and such as it does not.
import type { Random } from './random.js';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
}

export type Components = Readonly<Record<string, Schema>>;

const MAX_DEPTH = 6;

/** Texts that break parsers, paths, logs and prototypes. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e999',
  'NaN',
  'null',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '..%2f..%2f',
  '%00',
  '%',
  '%zz',
  'a\u0000b',
  '\r\nX-Injected: 1',
  '\u202e\ufeff\ud83d\ude00',
  '{{7*7}}',
  "'; DROP TABLE models; --",
  '<script>alert(1)</script>',
  'x'.repeat(5000),
];

export function hostileValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => random.chance(0.5),
    () => random.pick([0, -0, -1, 1e308, 2 ** 53, 0.1, -1e-320]),
    () => random.pick(HOSTILE_TEXTS),
    () => [],
    () => ({}),
    () =>
      JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as unknown,
    () => Array.from({ length: random.below(50) }, () => random.below(256)),
    () => nested(1 + random.below(200)),
  ])();
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** Now and then not what the schema asks for. */
export function valueFor(schema: Schema, components: Components, random: Random, depth = 0): unknown {
  if (random.chance(0.05)) return hostileValue(random);
  if (depth > MAX_DEPTH) return null;
  const deeper = (inner: Schema): unknown => valueFor(inner, components, random, depth + 1);
  if (schema.$ref !== undefined) {
    return deeper(components[schema.$ref.replace('#/components/schemas/', '')] ?? {});
  }
  if (schema.examples !== undefined && random.chance(0.5)) return random.pick(schema.examples);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return deeper(random.pick(choices));
  switch (Array.isArray(schema.type) ? random.pick(schema.type as readonly string[]) : schema.type) {
    case 'object':
      return objectFor(schema, deeper, random);
    case 'array':
      return Array.from({ length: random.below(4) }, () => deeper(schema.items ?? {}));
    case 'integer':
    case 'number':
      return (
        (schema.minimum ?? 0) +
        random.below(Math.min((schema.maximum ?? 1000) - (schema.minimum ?? 0) + 1, 1e6))
      );
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    case 'string':
      return random.pick(['digits', 'v1', 'input', 'abc', ...HOSTILE_TEXTS]);
    default:
      return hostileValue(random);
  }
}

function objectFor(schema: Schema, deeper: (inner: Schema) => unknown, random: Random): unknown {
  const required = new Set(schema.required ?? []);
  const entries = Object.entries(schema.properties ?? {})
    .filter(([name]) => random.chance(required.has(name) ? 0.95 : 0.4))
    .map(([name, inner]) => [name, deeper(inner)] as const);
  return Object.fromEntries(random.chance(0.1) ? [...entries, ['surplus', hostileValue(random)]] : entries);
}
