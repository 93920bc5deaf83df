import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../native/support/run-program.js';
import { startServer } from '../helpers/server-process.js';

const NODE_OPTIONS = `--import ${fileURLToPath(new URL('support/trace-collections.js', import.meta.url))}`;

/** Milliseconds that helper threads took part in each collection of young objects, and in marking old ones. */
const byHelpers = (trace: string): readonly number[] =>
  [...trace.matchAll(/ background\.(?:scavenge\.parallel|mark)=([\d.]+)/g)].map(([, ms]) => Number(ms));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('garbage', () => {
  it('is collected with helpers, where V8 is not told otherwise', async () => {
    const program = startProgram(new URL('support/collect-garbage.js', import.meta.url), [], {
      NODE_OPTIONS,
    });
    expect(sum(byHelpers((await program.ended).stdout))).to.be.above(0);
  });

  it('is collected in the server by the thread that made it', async () => {
    const server = await startServer({ NODE_OPTIONS, LOG_LEVEL: 'error' });
    try {
      const before = server.output().length;
      while (byHelpers(server.output().slice(before)).length < 20) {
        await Promise.all(
          Array.from({ length: 50 }, async () => (await fetch(`${server.url}/model_info`)).text()),
        );
      }
      expect(sum(byHelpers(server.output().slice(before)))).to.equal(0);
    } finally {
      await server.stop();
    }
  });
});
