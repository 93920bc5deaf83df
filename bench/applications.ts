// Every architecture of Keras Applications against the outputs that Keras gave, and bfloat16 against float32. See --help.
import { parseArgs } from 'node:util';
import { machine } from '../src/config/machine.js';
import { applyThreadSettings } from '../src/config/thread-settings.js';
import { terminalProgress } from '../src/observability/terminal-progress.js';
import { applicationNames, readApplication, type Application } from '../test/helpers/applications.js';
import { largestDifference, referenceInput, withSession } from '../test/helpers/reference-model.js';
import { helpIfAsked } from './help.js';
import { comparePrecisions, type Extent } from './fidelity/compare-precisions.js';

helpIfAsked(`Usage: npm run test:applications [-- options]

Converts every architecture of Keras Applications and compares it with the outputs that Keras gave. Each line is printed
as soon as it is known. Exit code 1 when a model differs.

  --only NAMES   comma-separated, as ResNet50,MobileNetV2
  --bfloat16     classifies random pictures in float32 and bfloat16 instead (docs/fidelity.md says by which weights); of
                 those whose two likeliest classes are apart, one in a hundred may get another likeliest class
  --inputs N     so many pictures                                                           (200)
  --clear N      pictures until so many are apart; fails where five times as many drawn (or --inputs) are not enough`);

const TOLERANCE = 1e-4;
const SAME = 0.99;
const DRAWN = 200;
/** At most; where fewer than one in five is clear, the weights are no measure. */
const DRAWN_FOR_A_CLEAR = 5;

interface Row {
  readonly cells: readonly string[];
  readonly good: boolean;
}

interface Measurement {
  readonly columns: readonly (readonly [title: string, width: number])[];
  readonly steps: (model: Application) => number;
  readonly measure: (model: Application, advance: (steps: number) => void) => Promise<Row>;
  readonly note: string;
}

const { values } = parseArgs({
  options: {
    bfloat16: { type: 'boolean', default: false },
    inputs: { type: 'string' },
    clear: { type: 'string' },
    only: { type: 'string' },
  },
});
const clearWanted = values.clear === undefined ? undefined : Number(values.clear);
const extent: Extent = {
  drawn: Number(values.inputs ?? (clearWanted === undefined ? DRAWN : clearWanted * DRAWN_FOR_A_CLEAR)),
  clear: clearWanted ?? Infinity,
};

const againstKeras: Measurement = {
  columns: [
    ['parameters', 14],
    ['difference', 12],
  ],
  steps: () => 1,
  async measure(model, advance) {
    const { parameters, difference } = await withSession(
      model,
      { precision: 'float32' },
      (session, count) => ({
        parameters: count,
        difference:
          largestDifference(session.run(referenceInput(model), 1), model.output) / Math.max(...model.output),
      }),
    );
    advance(1);
    return {
      cells: [parameters.toLocaleString('en'), difference.toExponential(1)],
      good: parameters === model.parameters && difference <= TOLERANCE,
    };
  },
  note: `Differences are parts of the largest probability; ${TOLERANCE} is allowed.`,
};

const bfloat16: Measurement = {
  columns: [
    ['pictures', 10],
    ['same top-1', 13],
    ['classes', 9],
    ['difference', 12],
  ],
  steps: () => clearWanted ?? extent.drawn,
  async measure(model, advance) {
    const { drawn, clear, same, classes, difference } = await comparePrecisions(
      model,
      extent,
      (pictures, clearOnes) => advance(clearWanted === undefined ? pictures : clearOnes),
    );
    return {
      cells: [String(drawn), `${same} of ${clear}`, String(classes), difference.toExponential(1)],
      good: clear >= (clearWanted ?? 1) && same >= SAME * clear,
    };
  },
  note: `Counted are pictures whose two likeliest classes are more than 0.01 apart; ${SAME * 100} % of them must agree.`,
};

const { columns, steps, measure, note } = values.bfloat16 ? bfloat16 : againstKeras;
const line = (name: string, cells: readonly string[]): string =>
  name.padEnd(20) + cells.map((cell, at) => cell.padStart(columns[at]?.[1] ?? 9)).join('');

applyThreadSettings({ threadsPerWorker: machine().cores });
const known = await applicationNames();
const names = values.only?.split(',') ?? known;
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}; there are ${known.join(', ')}`);
const progress = terminalProgress();
let good = 0;
console.log(line('architecture', [...columns.map(([title]) => title), 'seconds']));
for (const name of names) {
  const started = performance.now();
  const model = await readApplication(name);
  progress.step(name, steps(model), values.bfloat16 ? 'pictures' : 'models');
  const row = await measure(model, (count) => progress.advance(count));
  progress.done();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(line(name, [...row.cells, seconds]) + (row.good ? '' : '  DIFFERS'));
  if (row.good) good += 1;
}
progress.close();
console.log(`${good} of ${names.length} agree. ${note}`);
process.exitCode = good === names.length ? 0 : 1;
