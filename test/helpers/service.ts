// The real service for tests: real engine, real model, on a free port of the loopback.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { loadConfig } from '../../src/config/load.js';
import type { Lifecycle } from '../../src/lifecycle.js';
import type { ModelRegistry } from '../../src/inference/model-registry.js';
import { createService } from '../../src/start.js';

export interface TestService {
  readonly app: Express;
  readonly url: string;
  readonly classifier: ModelRegistry;
  readonly lifecycle: Lifecycle;
  close(): Promise<void>;
}

/** Settings are environment variables, as users set them; the rest is as in production. */
export async function startService(settings: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const config = loadConfig({
    LOG_DIR: 'none',
    LOG_LEVEL: 'error',
    WORKERS: '2',
    RATE_LIMIT: '0',
    ...settings,
  });
  const service = createService(config);
  await service.loadModels();
  const server = createServer(service.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    app: service.app,
    url: `http://127.0.0.1:${port}`,
    classifier: service.models,
    lifecycle: service.lifecycle,
    async close() {
      server.closeAllConnections();
      server.close();
      await service.close();
    },
  };
}
