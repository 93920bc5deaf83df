import { expect } from 'chai';
import request from 'supertest';
import { refused } from './helpers/refused.js';
import { machine } from '../src/config/machine.js';
import { loadOwnAddon, type OwnAddon } from '../src/native/own-addon.js';
import { needsOwnAddon } from './helpers/own-addon.js';
import { startService, type TestService } from './helpers/service.js';

describe('The default model', () => {
  it('must be among those that are there', async () => {
    const { detail } = await refused(startService({ DEFAULT_MODEL: 'digit' }), 'config_invalid');
    expect(detail).to.match(/^DEFAULT_MODEL: \/.*saved_models has no model "digit"; did you mean digits\?$/);
    const other = await refused(startService({ DEFAULT_MODEL: 'flowers' }), 'config_invalid');
    expect(other.detail).to.include('there are digits');
  });
});

describe('A model that the service has loaded', () => {
  let service: TestService;
  before(async () => {
    service = await startService();
  });
  after(() => service.close());

  it('lets workers go first while the main thread looks for their answers, where it looks at all', async function () {
    needsOwnAddon(this);
    // The addon's own object, which the whole process shares: each call is counted on its way.
    const own = loadOwnAddon() as { -readonly [name in keyof OwnAddon]: OwnAddon[name] };
    const { yieldProcessor } = own;
    let calls = 0;
    own.yieldProcessor = () => {
      calls += 1;
      yieldProcessor();
    };
    try {
      // On a busy computer runs may be taken for long ones at first.
      for (let asked = 0; asked < 500 && calls === 0; asked++) {
        await request(service.app).post('/predict').attach('file', 'test/fixtures/digit.png').expect(200);
      }
    } finally {
      own.yieldProcessor = yieldProcessor;
    }
    if (machine().cores > 1) expect(calls).to.be.above(0);
    else expect(calls).to.equal(0);
  });
});
