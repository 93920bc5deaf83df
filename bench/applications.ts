// Every architecture of Keras Applications against the outputs that Keras gave:
//   npm run test:applications [-- NAME ...] [--bfloat16 INPUTS]
// With --bfloat16, as many random inputs are classified in both precisions; those whose best two classes lie 0.01 or
// more apart must have the same best class in 99 of 100 cases. Exit code 1 when a model differs.
import { parseArgs } from 'node:util';
import { applyThreadSettings } from '../src/config/thread-settings.js';
import { machine } from '../src/config/machine.js';
import { terminalProgress } from '../src/observability/terminal-progress.js';
import { applicationNames, readApplication, type Application } from '../test/helpers/applications.js';
import { largestDifference, referenceInput, withSession } from '../test/helpers/reference-model.js';

const TOLERANCE = 1e-4;
const MARGIN = 0.01;
const SAME = 0.99;

interface Row {
  readonly name: string;
  readonly parameters: string;
  readonly seconds: string;
  readonly difference: string;
  readonly bfloat16: string;
  readonly good: boolean;
}

const { values, positionals } = parseArgs({
  options: { bfloat16: { type: 'string', default: '0' } },
  allowPositionals: true,
});
const inputs = Number(values.bfloat16);

async function check(model: Application): Promise<Row> {
  const started = performance.now();
  const seeds = Array.from({ length: inputs }, (_, at) => at + 1000);
  const exact = await withSession(model, { precision: 'float32' }, (session, parameters) => ({
    parameters,
    difference:
      largestDifference(session.run(referenceInput(model), 1), model.output) / Math.max(...model.output),
    outputs: seeds.map((seed) => session.run(referenceInput(model, seed), 1)),
  }));
  const halved =
    inputs === 0
      ? undefined
      : await withSession(model, { precision: 'bfloat16' }, (session) => {
          const pairs = seeds.map(
            (seed, at) =>
              [exact.outputs[at] ?? new Float32Array(), session.run(referenceInput(model, seed), 1)] as const,
          );
          const clear = pairs.filter(([output]) => margin(output) > MARGIN);
          return { clear: clear.length, same: clear.filter(([a, b]) => best(a) === best(b)).length };
        });
  return {
    name: model.name,
    parameters: exact.parameters.toLocaleString('en'),
    seconds: ((performance.now() - started) / 1000).toFixed(1),
    difference: exact.difference.toExponential(1),
    bfloat16: halved === undefined ? '' : `${halved.same} of ${halved.clear}`,
    good:
      exact.parameters === model.parameters &&
      exact.difference <= TOLERANCE &&
      (halved === undefined || halved.same >= SAME * halved.clear),
  };
}

const best = (output: Float32Array): number =>
  output.reduce((top, value, at) => (value > (output[top] ?? -Infinity) ? at : top), 0);

function margin(output: Float32Array): number {
  const [first = 0, second = 0] = output.toSorted((a, b) => b - a);
  return first - second;
}

const columns = ['name', 'parameters', 'seconds', 'difference', 'bfloat16'] as const;
const widths = [20, 14, 9, 12, 12];
const line = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
    .join('');

applyThreadSettings({ workers: 1, threadsPerWorker: machine().cores });
const names = positionals.length > 0 ? positionals : await applicationNames();
const progress = terminalProgress();
const rows: Row[] = [];
progress.step('Architectures of Keras Applications', names.length, 'models');
for (const name of names) {
  rows.push(await check(await readApplication(name)));
  progress.advance(1);
}
progress.done();
progress.close();

console.log(line(['architecture', 'parameters', 'seconds', 'difference', inputs === 0 ? '' : 'same top-1']));
for (const row of rows)
  console.log(line(columns.map((column) => row[column])) + (row.good ? '' : '  DIFFERS'));
const bad = rows.filter(({ good }) => !good).length;
console.log(
  `${rows.length - bad} of ${rows.length} agree; differences are parts of the largest probability, ${TOLERANCE} is allowed.`,
);
process.exitCode = bad === 0 ? 0 : 1;
