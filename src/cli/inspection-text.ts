// An inspection as people read it: a table as that of Keras's summary(), then what matters for serving.
import type { Inspection } from '../contracts/inspection.js';
import { columns } from './columns.js';

export interface Inspected {
  readonly file: string;
  readonly fileBytes: number;
  readonly inspection: Inspection;
}

/** A damaged name may be a megabyte long. */
const MAX_NAME = 48;
const UNKNOWN = '?';

/** Weights alone: what all workers of a model share. */
export const servedBytes = ({
  parameters,
}: Inspection): { readonly float32: number; readonly bfloat16: number } => ({
  float32: 4 * parameters,
  bfloat16: 2 * parameters,
});

export function describeInspection({ file, fileBytes, inspection }: Inspected): string {
  const { model, faults, notices, parameters } = inspection;
  const { float32, bfloat16 } = servedBytes(inspection);
  const incomplete = inspection.layers.some((layer) => layer.parameters === null);
  const facts = [
    ...(inspection.operations === undefined ? [] : [['Operations', inspection.operations.join(', ')]]),
    ['Inputs', inspection.inputs.map(tensor).join(', ')],
    ['Outputs', inspection.outputs.map(tensor).join(', ')],
    ['Parameters', `${count(parameters)}${incomplete ? ' in the layers that could be built' : ''}`],
    [
      'Preprocessing',
      inspection.preprocessing.map((step) => clean(step, 200)).join('; ') || 'none in the model',
    ],
    [
      'Memory',
      incomplete
        ? 'not known until all layers can be built'
        : `${size(float32)} of weights in float32, ${size(bfloat16)} in bfloat16, shared by all workers; each adds its own buffers`,
    ],
  ];
  return [
    `${file}: ${size(fileBytes)}, ${origin(inspection)}${model.className} "${clean(model.name)}"`,
    '',
    ...(inspection.layers.length === 0 ? [] : [...layerTable(inspection), '']),
    ...columns(facts, ['left', 'left']),
    ...notices.map((notice) => `! ${notice}`),
    '',
    ...verdict(faults),
  ].join('\n');
}

const origin = ({ kerasVersion, operations }: Inspection): string =>
  operations === undefined ? `Keras ${kerasVersion ?? 'of unknown version'}, ` : '';

function layerTable({ layers }: Inspection): readonly string[] {
  const rows = layers.map(({ name, className, depth, outputShape, parameters, refused }) => [
    `${refused ? '✗' : ' '} ${'  '.repeat(depth)}${clean(name)}`,
    clean(className),
    shape(outputShape),
    parameters === null ? UNKNOWN : count(parameters),
  ]);
  const [head = '', ...lines] = columns(
    [['  Layer', 'Class', 'Output', 'Parameters'], ...rows],
    ['left', 'left', 'left', 'right'],
  );
  return [head, '─'.repeat(Math.max(head.length, ...lines.map((line) => line.length))), ...lines];
}

function verdict(faults: Inspection['faults']): readonly string[] {
  if (faults.length === 0) return ['It can be served.'];
  const reasons = faults.length === 1 ? 'one reason' : `${faults.length} reasons`;
  // The same remedy is told once, under the last fault that it mends.
  const last = new Map(faults.map((fault, at) => [fault.remedy, at]));
  return [
    `It cannot be served, for ${reasons}:`,
    ...faults.flatMap(({ code, detail, remedy }, at) => [
      `✗ ${clean(detail, 400)} (${code})`,
      ...(last.get(remedy) === at ? [`  → ${remedy}`] : []),
    ]),
  ];
}

const tensor = ({ name, shape: sizes }: { name: string; shape: readonly (number | null)[] | null }): string =>
  `${clean(name)} ${shape(sizes)}`;

const shape = (sizes: readonly (number | null)[] | null): string =>
  sizes === null
    ? UNKNOWN
    : `[${sizes.map((length, axis) => length ?? (axis === 0 ? 'batch' : 'any')).join(', ')}]`;

const count = (value: number): string => value.toLocaleString('en');

/** Names come from the file: what would steer a terminal is left out. */
function clean(text: string, most = MAX_NAME): string {
  const printable = text.replaceAll(/\p{C}/gu, '\uFFFD');
  return printable.length > most ? `${printable.slice(0, most - 1)}…` : printable;
}

export function size(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
