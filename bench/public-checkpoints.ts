// Checkpoints of other people: what Keras 3.15 makes of each, beside what h5serve does. See --help.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { columns } from '../src/cli/columns.js';
import { measureFidelity } from '../src/cli/fidelity.js';
import { toAppError } from '../src/errors/app-error.js';
import { helpIfAsked } from './help.js';

helpIfAsked(`Usage: node dist/bench/public-checkpoints.js [folder = ../shared/data/checkpoints]

Prints what h5serve makes of each checkpoint beside what Keras 3.15 does. The folder holds manifest.json, the checkpoints,
and NAME.expected.json with Keras's output for a stated input.`);

const listSchema = z.array(
  z.object({
    name: z.string(),
    file: z.string(),
    keras_version: z.string().nullable(),
    expected: z.string().nullable(),
    keras_3_15_loads: z.boolean(),
    keras_3_15_failure: z.string().nullable(),
  }),
);

type Listed = z.infer<typeof listSchema>[number];

const TOLERANCE = 1e-5;
const MAX_PARAMETERS = 1e9;

interface Row {
  readonly good: boolean;
  readonly ours: string;
  readonly listed: Listed;
}

async function measure(listed: Listed, folder: string, anyExpected: string): Promise<Row> {
  try {
    const { absolute, sameTop1 } = await measureFidelity({
      checkpoint: path.join(folder, listed.file),
      expectedFile: path.join(folder, listed.expected ?? anyExpected),
      precision: 'float32',
      maxParameters: MAX_PARAMETERS,
    });
    const good = absolute <= TOLERANCE && sameTop1;
    return { listed, good, ours: `${absolute.toExponential(1)}${good ? '' : ' DIFFERS'}` };
  } catch (error) {
    return { listed, good: false, ours: toAppError(error).code };
  }
}

const folder = process.argv[2] ?? '../shared/data/checkpoints';
const listed = listSchema.parse(JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')));
const anyExpected = listed.find(({ expected }) => expected !== null)?.expected ?? '';
const rows: Row[] = [];
for (const one of listed) rows.push(await measure(one, folder, anyExpected));

const [head = '', ...lines] = columns(
  [
    ['checkpoint', 'Keras', 'h5serve', 'Keras 3.15'],
    ...rows.map(({ listed: { name, keras_version, keras_3_15_loads, keras_3_15_failure }, ours }) => [
      name,
      keras_version ?? '?',
      ours,
      keras_3_15_loads ? 'loads' : `fails: ${(keras_3_15_failure ?? '').slice(0, 70)}`,
    ]),
  ],
  ['left', 'left', 'left', 'left'],
);
console.log([head, '─'.repeat(100), ...lines].join('\n'));
const served = rows.filter(({ good }) => good).length;
const loaded = rows.filter(({ listed: { keras_3_15_loads } }) => keras_3_15_loads).length;
console.log(
  `\nOf ${rows.length}: h5serve ${served} (largest difference below ${TOLERANCE}, same top-1), Keras 3.15 ${loaded}.`,
);
