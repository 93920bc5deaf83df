import { expect } from 'chai';
import { SmallMap } from '../../src/inference/small-map.js';

describe('a map of few things', () => {
  it('is a Map to all who use it', () => {
    const key = {};
    const entries: [unknown, string][] = [
      [1, 'one'],
      [key, 'two'],
      ['3', 'three'],
    ];
    const use = (map: Map<unknown, string>): readonly unknown[] => {
      const seen: unknown[] = [map.size, map.has(1), map.has({}), map.get(key), map.get('1')];
      const see = (): void => {
        seen.push([...map], [...map.entries()], [...map.keys()], [...map.values()], map.size);
        map.forEach(function (this: unknown, value, each, whole) {
          seen.push([this, value, each, whole === map]);
        }, 'itself');
      };
      see();
      seen.push(map.set(1, 'uno') === map, map.set(4, 'four') === map, map.delete(key), map.delete(key));
      see();
      map.clear();
      see();
      return seen;
    };
    expect(use(new SmallMap(entries))).to.deep.equal(use(new Map(entries)));
  });

  it('does not change what it was made of', () => {
    const entries: [string, number][] = [['a', 1]];
    new SmallMap(entries).set('b', 2);
    expect(entries).to.deep.equal([['a', 1]]);
  });
});
