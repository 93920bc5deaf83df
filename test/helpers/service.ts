// The real service for tests: real engine, real model, on a free port of the loopback; every answer is held against
// the OpenAPI document, and a test file in which one breaks it fails at close().
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import request from 'supertest';
import { loadConfig } from '../../src/config/load.js';
import type { ExpressMessages } from '../../src/http/express-messages.js';
import type { OpenApiDocument } from '../../src/http/openapi/document.js';
import type { Lifecycle } from '../../src/lifecycle.js';
import type { ModelRegistry } from '../../src/inference/model-registry.js';
import { createService } from '../../src/start.js';
import { Contract } from './contract.js';
import { replyOf } from './reply.js';

export interface TestService {
  readonly app: RequestListener;
  /** The app itself, with nobody watching. */
  readonly express: Express;
  readonly messages: ExpressMessages;
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
    // Off unless a test asks for them: many tests send the same picture many times, and mean the engine.
    RATE_LIMIT: '0',
    CACHE_MB: '0',
    ...settings,
  });
  const service = createService(config);
  await service.loadModels();
  const { body } = await replyOf(request(service.app).get('/openapi.json'));
  const contract = new Contract(body as OpenApiDocument);
  const app = contract.watch(service.app);
  const server = createServer(service.messages, app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    app,
    express: service.app,
    messages: service.messages,
    url: `http://127.0.0.1:${port}`,
    classifier: service.models,
    lifecycle: service.lifecycle,
    async close() {
      server.closeAllConnections();
      server.close();
      await service.close();
      if (contract.violations.length > 0) {
        throw new Error(
          `answers that the OpenAPI document does not describe:\n${contract.violations.join('\n')}`,
        );
      }
    },
  };
}
