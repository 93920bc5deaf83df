// A body that is refused half-way must not be held by whoever read it.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { AppError } from '../../src/errors/app-error.js';
import { readWhole, withinLimits } from '../../src/http/upload/bounded-body.js';

const tooLarge = (): AppError => new AppError('body_too_large', 'too much');

/** How many still collect the body once `read` has failed, and what it failed with. */
async function afterRefusal(read: (req: express.Request) => Promise<unknown>) {
  const seen = new Promise<{ collectors: number; error: unknown }>((resolve) => {
    const app = express().post('/', (req, res) => {
      withinLimits(req, { maxBytes: 100_000, timeoutMs: 5_000, tooLarge }, () => read(req)).catch(
        (error: unknown) => {
          resolve({ collectors: req.listenerCount('data'), error });
          res.end();
        },
      );
    });
    const server = createServer(app).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const call = request({ port, host: '127.0.0.1', method: 'POST', path: '/' });
      call.on('error', () => undefined);
      call.write(Buffer.alloc(300_000));
      call.once('response', () => {
        call.destroy();
        server.closeAllConnections();
        server.close();
      });
    });
    void once(server, 'close');
  });
  return seen;
}

describe('a refused body', () => {
  it('is collected by nobody any more where it is too large', async () => {
    const { collectors, error } = await afterRefusal(readWhole);
    expect(error).to.include({ code: 'body_too_large' });
    expect(collectors).to.equal(0);
  });

  it('is collected by nobody any more where its reader gives up', async () => {
    const { collectors, error } = await afterRefusal((req) =>
      Promise.race([
        readWhole(req),
        once(req, 'data').then(() => Promise.reject(new AppError('queue_full', 'no room'))),
      ]),
    );
    expect(error).to.include({ code: 'queue_full' });
    expect(collectors).to.equal(0);
  });
});
