import { expect } from 'chai';
import { loadConfig } from '../../src/config/load.js';
import { AppError } from '../../src/errors/app-error.js';

describe('configuration', () => {
  it('has a default for everything, and is frozen', () => {
    const config = loadConfig({});
    expect(config.PORT).to.equal(8000);
    expect(Object.isFrozen(config)).to.equal(true);
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadConfig({ PORT: '' }).PORT).to.equal(8000);
  });

  it('reports every fault at once, with what was expected and found', () => {
    const error = (() => {
      try {
        return loadConfig({ PORT: 'abc', LOG_LEVEL: 'loud', WORKERS: '0', MAX_UPLOAD_MB: '5' });
      } catch (thrown) {
        return thrown;
      }
    })();
    if (!(error instanceof AppError)) return expect.fail('accepted');
    expect(error.code).to.equal('config_invalid');
    expect(error.detail.split('\n')).to.have.length(3);
    expect(error.detail).to.match(/PORT: .*number.*; found "abc"/);
    expect(error.detail).to.match(/LOG_LEVEL: .*"debug".*; found "loud"/);
    expect(error.detail).to.match(/WORKERS: .*; found "0"/);
  });
});
