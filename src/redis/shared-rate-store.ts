// Limits that all instances count together; while Redis is away, each counts by itself.
import type { ClientRateLimitInfo, Options, Store } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import type { SharedRedis } from './shared-redis.js';

const PREFIX = 'h5serve:rate:';

export class SharedRateStore implements Store {
  readonly prefix = PREFIX;
  readonly #remote: RedisStore;
  #options: Options | undefined;
  #prepared: Promise<void> | undefined;

  constructor(
    private readonly redis: SharedRedis,
    private readonly local: Store,
  ) {
    this.#remote = new RedisStore({
      prefix: PREFIX,
      // Called inside of `attempt` only, which deals with failures.
      sendCommand: (name: string, ...args: string[]) =>
        redis.connection.call(name, ...args) as Promise<string>,
    });
  }

  init(options: Options): void {
    this.#options = options;
    void this.local.init?.(options);
  }

  async increment(key: string): Promise<ClientRateLimitInfo> {
    return (await this.#remotely(() => this.#remote.increment(key))) ?? this.local.increment(key);
  }

  async decrement(key: string): Promise<void> {
    await this.#remotely(() => this.#remote.decrement(key));
  }

  async resetKey(key: string): Promise<void> {
    await this.#remotely(() => this.#remote.resetKey(key));
    await this.local.resetKey(key);
  }

  #remotely<T>(act: () => Promise<T>): Promise<T | undefined> {
    return this.redis.attempt(async () => {
      await this.#prepare();
      return act();
    });
  }

  /** Its scripts are sent to Redis once; where that failed, again. */
  async #prepare(): Promise<void> {
    if (this.#options === undefined) return;
    this.#prepared ??= this.#remote.init(this.#options);
    try {
      await this.#prepared;
    } catch (error) {
      this.#prepared = undefined;
      throw error;
    }
  }
}
