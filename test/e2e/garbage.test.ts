import { expect } from 'chai';
import { machine } from '../../src/config/machine.js';
import { startProgram } from '../native/support/run-program.js';
import { zero } from '../helpers/pictures.js';
import { startServer, type ServerProcess } from '../helpers/server-process.js';
import { v8Trace } from './support/v8-trace.js';

const TRACE = v8Trace('--trace-gc-nvp');

/** Milliseconds that helper threads took part in each collection of young objects, and in marking old ones. */
const byHelpers = (trace: string): readonly number[] =>
  [...trace.matchAll(/ background\.(?:scavenge\.parallel|mark)=([\d.]+)/g)].map(([, ms]) => Number(ms));

interface Collections {
  /** In the thread that began: bytes that had outlived one before, and were kept. */
  readonly kept: readonly number[];
  /** How many there were in other threads. */
  readonly elsewhere: number;
}

/** Of young objects. */
function collections(trace: string): Collections {
  const mainThread = /^\[\d+:(0x[0-9a-f]+)\]/m.exec(trace)?.[1] ?? '';
  const lines = trace.split('\n').filter((line) => line.includes(' gc=s '));
  const here = lines.filter((line) => line.includes(`:${mainThread}]`));
  return {
    kept: here.map((line) => Number(/ promoted=(\d+)/.exec(line)?.[1])),
    elsewhere: lines.length - here.length,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('garbage', () => {
  it('is collected with helpers, where V8 is not told otherwise', async () => {
    const program = startProgram(new URL('support/collect-garbage.js', import.meta.url), [], TRACE);
    expect(sum(byHelpers((await program.ended).stdout))).to.be.above(0);
  });

  describe('of predictions', () => {
    let server: ServerProcess;
    /** Bytes that each collection since the first thousand predictions has kept. */
    let kept: readonly number[];
    let perCollection: number;
    /** By the workers, of which each prediction asks one. */
    let perCollectionElsewhere: number;

    before(async () => {
      server = await startServer({ ...TRACE, LOG_LEVEL: 'error' });
      const picture = await zero();
      const predict = async (): Promise<void> => {
        const form = new FormData();
        form.append('file', new Blob([new Uint8Array(picture)]));
        const reply = await fetch(`${server.url}/predict`, { method: 'POST', body: form });
        expect(reply.status, await reply.text()).to.equal(200);
      };
      for (let at = 0; at < 1000; at++) await predict();
      const early = collections(server.output());
      let predictions = 0;
      let late: Collections;
      do {
        await predict();
        predictions += 1;
        late = collections(server.output());
      } while (late.kept.length < early.kept.length + 40);
      kept = late.kept.slice(early.kept.length);
      perCollection = predictions / kept.length;
      perCollectionElsewhere = predictions / (late.elsewhere - early.elsewhere);
    });

    after(() => server.stop());

    it('is all that they leave', () => {
      // The least of forty: V8 still compiles, and keeps what it compiled.
      expect(Math.min(...kept) / perCollection, 'bytes').to.be.below(20);
    });

    it('is collected while a lone one is computed, where a core is left for that, before there is no more room for it', () => {
      if (machine().cores > 1) expect(perCollection).to.be.within(7, 8.5);
      else expect(perCollection).to.be.above(8.5);
    });

    it('is collected in the worker behind its answer, when nobody waits for it', () => {
      if (machine().cores > 1) expect(perCollectionElsewhere).to.be.within(7, 8.5);
      else expect(perCollectionElsewhere).to.be.above(8.5);
    });
  });

  it('is collected in the server by the thread that made it', async () => {
    const server = await startServer({ ...TRACE, LOG_LEVEL: 'error' });
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
