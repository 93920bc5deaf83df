import { expect } from 'chai';
import { Piscina } from 'piscina';
import { quietWorkers } from '../../src/inference/quiet-workers.js';
import { SmallMap } from '../../src/inference/small-map.js';

const DOUBLE = new URL('./support/double.js', import.meta.url).href;

describe('workers of Piscina', () => {
  it('are described once, and keep their tasks in an array', async () => {
    const piscina = new Piscina({ filename: DOUBLE, minThreads: 2, maxThreads: 2 });
    const described: object[] = [];
    piscina.on('workerCreate', (description: object) => described.push(description));
    quietWorkers(piscina);
    try {
      const answers = await Promise.all(
        Array.from({ length: 9 }, (_, at) => piscina.run(at) as Promise<number>),
      );
      expect(answers).to.deep.equal([0, 2, 4, 6, 8, 10, 12, 14, 16]);
      expect(described).to.have.length(2);
      for (const description of described) {
        const workers = Object.getOwnPropertySymbols(description)
          .map((key): unknown => Reflect.get(description, key))
          .filter((value) => typeof value === 'object' && value !== null && 'interface' in value);
        expect(workers).to.have.length(1);
        expect(workers[0]).to.have.property('interface', description);
        expect(workers[0]).to.have.property('taskInfos').instanceOf(SmallMap).and.have.property('size', 0);
      }
    } finally {
      await piscina.destroy();
    }
  });
});
