import { remove } from './remove.js';

/** A Map of the few things that are under way, in an array (see `remove`). */
export class SmallMap<K, V> implements Map<K, V> {
  readonly #entries: [K, V][];
  readonly [Symbol.toStringTag] = 'SmallMap';

  constructor(entries: Iterable<[K, V]>) {
    this.#entries = Array.from(entries, ([key, value]) => [key, value]);
  }

  get size(): number {
    return this.#entries.length;
  }

  #find(key: K): [K, V] | undefined {
    return this.#entries.find(([each]) => each === key);
  }

  has(key: K): boolean {
    return this.#find(key) !== undefined;
  }

  get(key: K): V | undefined {
    return this.#find(key)?.[1];
  }

  set(key: K, value: V): this {
    const entry = this.#find(key);
    if (entry === undefined) this.#entries.push([key, value]);
    else this.#entries[this.#entries.indexOf(entry)] = [key, value];
    return this;
  }

  delete(key: K): boolean {
    const entry = this.#find(key);
    return entry !== undefined && remove(this.#entries, entry);
  }

  clear(): void {
    this.#entries.length = 0;
  }

  forEach(call: (value: V, key: K, map: Map<K, V>) => void, self?: unknown): void {
    for (const [key, value] of [...this.#entries]) call.call(self, value, key, this);
  }

  entries(): MapIterator<[K, V]> {
    return this.#entries.values();
  }

  keys(): MapIterator<K> {
    return this.#entries.map(([key]) => key).values();
  }

  values(): MapIterator<V> {
    return this.#entries.map(([, value]) => value).values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}
