import { expect } from 'chai';
import { warmPath } from '../src/warm-path.js';
import { startService, type TestService } from './helpers/service.js';

describe('The warm-up of the HTTP path', () => {
  let service: TestService;
  before(async () => {
    service = await startService();
  });
  after(() => service.close());

  const warm = () => warmPath({ app: service.express, model: service.classifier.model(), budgetMs: 100 });

  it('makes real predictions, one at least for each of its clients', async () => {
    expect(await warm()).to.be.at.least(2);
  });

  it('gives up without a word where predictions are refused', async () => {
    service.lifecycle.phase = 'draining';
    expect(await warm()).to.equal(0);
    service.lifecycle.phase = 'running';
  });
});
