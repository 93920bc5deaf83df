import { expect } from 'chai';
import express, { type Express } from 'express';
import { warmPath } from '../src/warm-path.js';
import { startService, type TestService } from './helpers/service.js';

describe('The warm-up of the HTTP path', () => {
  let service: TestService;
  before(async () => {
    service = await startService();
  });
  after(() => service.close());

  const warm = (app: Express = service.express) =>
    warmPath({
      app,
      service: { app: service.express, messages: service.messages },
      model: service.classifier.model(),
      budgetMs: 200,
    });

  it('makes real predictions, one at least for each of its clients', async () => {
    expect(await warm()).to.be.at.least(2);
  });

  it('sends what the service will see: its own messages, from clients that order their headers differently', async () => {
    const orders = new Set<string>();
    const prototypes = new Set<unknown>();
    const quiet = express().use((req, res) => {
      orders.add(Object.keys(req.headers).join());
      prototypes.add(Object.getPrototypeOf(req));
      service.express(req, res);
    });
    await warm(quiet);
    expect(orders.size, 'V8 sets code for up to four apart').to.be.above(4);
    expect(prototypes.size, 'no other that Express has set').to.equal(1);
    expect([...prototypes][0]).to.equal(service.messages.IncomingMessage?.prototype);
  });

  it('has clients that leave: some before the server can answer, and it ends with nothing of theirs under way', async () => {
    let left = 0;
    const quiet = express().use((req, res) => {
      res.once('close', () => (left += res.writableFinished ? 0 : 1));
      service.express(req, res);
    });
    await warm(quiet);
    expect(left).to.be.above(1);
    const { queued, busy } = service.classifier.model().health();
    expect({ queued, busy }).to.deep.equal({ queued: 0, busy: 0 });
  });

  it('gives up without a word where predictions are refused', async () => {
    service.lifecycle.phase = 'draining';
    expect(await warm()).to.equal(0);
    service.lifecycle.phase = 'running';
  });
});
