import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import { warmPath } from '../src/warm-path.js';
import { startService, type TestService } from './helpers/service.js';

describe('The warm-up of the HTTP path', () => {
  let service: TestService;
  before(async () => {
    service = await startService();
  });
  after(() => service.close());

  const warm = (app: RequestListener = service.express) =>
    warmPath({
      app,
      messages: service.messages,
      model: service.classifier.model(),
      budgetMs: 200,
    });

  it('makes real predictions, one at least for each of its clients', async () => {
    expect(await warm()).to.be.at.least(2);
  });

  it('sends what the service will see: its own messages, from clients that order their headers differently', async () => {
    const orders = new Set<string>();
    const classes = new Set<unknown>();
    await warm((req, res) => {
      orders.add(Object.keys(req.headers).join());
      classes.add(req.constructor);
      service.express(req, res);
    });
    expect(orders.size, 'V8 sets code for up to four apart').to.be.above(4);
    expect([...classes]).to.deep.equal([service.messages.IncomingMessage]);
  });

  it('gives up without a word where predictions are refused', async () => {
    service.lifecycle.phase = 'draining';
    expect(await warm()).to.equal(0);
    service.lifecycle.phase = 'running';
  });
});
