// What bodies of many numbers cost. See --help.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AppError } from '../src/errors/app-error.js';
import { readJson } from '../src/http/tensors/json-reader.js';
import { Slices, Turns } from '../src/http/tensors/turns.js';
import { helpIfAsked } from './help.js';

helpIfAsked(`Usage: node dist/bench/tensor-bodies.js [examples = 4]

What bodies of many numbers cost: read by us, beside JSON.parse and flattening; and how long the main thread is blocked by
it at most.`);

const examples = Number(process.argv[2] ?? 4);
const SHAPE = [224, 224, 3];

function nested([size = 1, ...rest]: readonly number[]): unknown {
  return Array.from({ length: size }, () => (rest.length === 0 ? Math.fround(Math.random()) : nested(rest)));
}

const bytes = Buffer.from(JSON.stringify({ instances: nested([examples, ...SHAPE]) }));
console.log(`${examples} examples of ${SHAPE.join(' x ')}: ${(bytes.length / 1e6).toFixed(1)} MB`);

async function time(name: string, body: () => unknown): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const started = performance.now();
    await body();
    const ms = performance.now() - started;
    await new Promise((resolve) => setTimeout(resolve, 20));
    delay.disable();
    console.log(
      `${name.padEnd(24)} ${ms.toFixed(0).padStart(5)} ms, blocked ${(delay.max / 1e6).toFixed(0)} ms`,
    );
  }
}

await time('JSON.parse and flatten', () => {
  const { instances } = JSON.parse(bytes.toString('utf8')) as { instances: unknown[] };
  return new Float32Array(instances.flat(Infinity) as number[]);
});
const turns = new Turns();
await time('read in slices', () =>
  readJson(bytes, {
    slices: new Slices(turns),
    maxNumbers: 1e8,
    tooMany: () => new AppError('too_many_images', ''),
  }),
);
