// Answers that all instances share, for a day.
import type { ResultShelf } from '../contracts/result-cache.js';
import type { SharedRedis } from './shared-redis.js';

const TTL_SECONDS = 24 * 60 * 60;
/** Answers on their way to Redis at a time; further ones are not kept. */
const MAX_PENDING = 100;

export class SharedResults implements ResultShelf {
  #pending = 0;

  readonly #prefix: string;

  /** Releases of h5serve may decode and convert differently: each has its own answers. */
  constructor(
    private readonly redis: SharedRedis,
    release: string,
  ) {
    this.#prefix = `h5serve:result:${release}:`;
  }

  async get(key: string, classes: number): Promise<Float32Array | undefined> {
    const bytes = await this.redis.attempt((redis) => redis.getBuffer(this.#prefix + key));
    if (bytes === undefined || bytes === null || bytes.length !== classes * 4) return undefined;
    const values = new Float32Array(new Uint8Array(bytes).buffer);
    // Others write to this Redis, too.
    return values.every((value) => value >= 0 && value <= 1) ? values : undefined;
  }

  set(key: string, { buffer, byteOffset, byteLength }: Float32Array): void {
    if (this.#pending >= MAX_PENDING) return;
    this.#pending += 1;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    void this.redis
      .attempt((redis) => redis.set(this.#prefix + key, bytes, 'EX', TTL_SECONDS))
      .finally(() => (this.#pending -= 1));
  }
}
