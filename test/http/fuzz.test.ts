// Hundreds of requests made from the OpenAPI document; `node dist/bench/fuzz.js` sends as many as you like.
import { expect } from 'chai';
import { fuzz } from '../helpers/fuzz/run.js';
import { startService, type TestService } from '../helpers/service.js';

const REQUESTS = 1_000;

describe('any request at all', function () {
  this.timeout(120_000);
  let service: TestService;
  before(async () => {
    service = await startService();
  });
  // Closing also checks every answer against the document.
  after(() => service.close());

  it(`${REQUESTS} of them: no fault of the server, and nothing is left behind`, async () => {
    const result = await fuzz({
      service,
      requests: REQUESTS,
      seed: 20261120,
      known: { model: ['digits'], version: ['v1'] },
    });
    expect(result.faults).to.deep.equal([]);
    for (const [operation, statuses] of result.statuses) {
      expect(
        [...statuses.keys()].some((status) => status < 300),
        `${operation} never succeeded`,
      ).to.equal(true);
    }
    for (const model of service.classifier.models()) {
      const { busy, queued, tensors, threads } = model.health();
      expect({ busy, queued }).to.deep.equal({ busy: 0, queued: 0 });
      expect(tensors).to.be.at.most(threads);
    }
    expect(Object.prototype).to.not.have.property('polluted');
  });
});
