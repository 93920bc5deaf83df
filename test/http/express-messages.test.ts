import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { expressMessages } from '../../src/http/express-messages.js';

/** The prototypes of a request and its answer before Express has seen them, and in a handler. */
async function prototypes(app: express.Express, options: ServerOptions) {
  const seen: unknown[] = [];
  const note = (...messages: readonly object[]): void =>
    void seen.push(...messages.map((message) => Object.getPrototypeOf(message) as unknown));
  app.get('/', (req, res) => {
    note(req, res);
    res.json({ type: req.get('Accept'), app: req.app === app });
  });
  const server = createServer(options, (req, res) => {
    note(req, res);
    app(req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Accept: 'text/x' } });
  const body: unknown = await answer.json();
  server.closeAllConnections();
  server.close();
  return { born: seen.slice(0, 2), handled: seen.slice(2), body };
}

describe('requests and answers of Express', () => {
  it('are born with the prototypes that they have in handlers, which keeps them short-lived', async () => {
    const app = express();
    const { born, handled, body } = await prototypes(app, expressMessages(app));
    expect(handled[0]).to.equal(born[0]);
    expect(handled[1]).to.equal(born[1]);
    expect(body).to.deep.equal({ type: 'text/x', app: true });
  });

  it('else change theirs, so that this is worth its lines', async () => {
    const { born, handled } = await prototypes(express(), {});
    expect(handled[0]).not.to.equal(born[0]);
    expect(handled[1]).not.to.equal(born[1]);
  });
});
