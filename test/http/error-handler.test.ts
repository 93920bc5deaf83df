// What the service's own routes cannot be made to do: faults inside Express, and an answer that breaks off.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express, { type Express } from 'express';
import request from 'supertest';
import type { Logger } from '../../src/contracts/logger.js';
import { AppError } from '../../src/errors/app-error.js';
import { errorHandler } from '../../src/http/error-handler.js';
import { requestContext } from '../../src/http/middleware/request-context.js';
import { replyOf } from '../helpers/reply.js';

describe('errorHandler', () => {
  let logged: string[];
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message) => logged.push(message),
  };
  const lifecycle = { startedAt: 0, leaving: () => false, closing: () => false, draining: () => false };

  const appWith = (register: (app: Express) => void): Express => {
    const app = express();
    app.use(requestContext({ lifecycle }));
    register(app);
    app.use(errorHandler({ logger }));
    return app;
  };
  const throwing = (thrown: unknown): Express =>
    appWith((app) =>
      app.get('/', () => {
        throw thrown;
      }),
    );

  beforeEach(() => (logged = []));

  it('answers a path that is no valid %-encoding as a fault of the request', async () => {
    const app = appWith((routes) => routes.get('/models/:name', (_req, res) => void res.end()));
    const { body, status } = await replyOf(request(app).get('/models/%ff'));
    expect(status).to.equal(400);
    expect(body).to.include({ code: 'invalid_parameter' });
    expect(logged).to.deep.equal([]);
  });

  it('takes anything thrown for an internal error, and logs what it was', async () => {
    for (const thrown of [new TypeError('x is undefined'), 'a string', { status: 'odd' }, 42]) {
      const { body, status } = await replyOf(request(throwing(thrown)).get('/'));
      expect(status).to.equal(500);
      expect(body).to.include({
        code: 'internal',
        detail: 'the server failed on this request; its log tells why',
      });
    }
    expect(logged).to.have.length(4);
    expect(logged[0]).to.include('x is undefined');
  });

  it('shows the detail of a known error below 500 and above, but not of 500 itself', async () => {
    const detailOf = async (error: AppError): Promise<unknown> =>
      (await replyOf(request(throwing(error)).get('/'))).body;
    expect(await detailOf(new AppError('unknown_model', 'cats'))).to.include({ detail: 'cats' });
    expect(await detailOf(new AppError('queue_full', '9 wait'))).to.include({ detail: '9 wait' });
    expect(await detailOf(new AppError('inference_failed', 'op Conv2D'))).not.to.include({
      detail: 'op Conv2D',
    });
  });

  it('rounds Retry-After up to whole seconds', async () => {
    const error = new AppError('queue_full', 'x', { retryAfterSeconds: 1.2 });
    expect((await replyOf(request(throwing(error)).get('/'))).headers).to.include({ 'retry-after': '2' });
  });

  it('breaks the connection where half an answer has gone out', async () => {
    const app = appWith((routes) =>
      routes.get('/', (_req, res) => {
        res.writeHead(200, { 'Content-Length': '100' });
        res.write('half');
        throw new Error('too late');
      }),
    );
    const server: Server = createServer(app).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const outcome = await fetch(`http://127.0.0.1:${port}/`)
        .then((response) => response.text())
        .catch(() => 'broken');
      expect(outcome).to.equal('broken');
      expect(logged).to.have.length(1);
    } finally {
      server.close();
    }
  });
});
