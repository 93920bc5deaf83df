import { expect } from 'chai';
import os from 'node:os';
import path from 'node:path';
import { childEnvironment, pathWith, userEnvironment } from '../../src/config/user-environment.js';

describe('the user’s environment', () => {
  const home = path.join(os.homedir(), '.cache', 'h5serve');

  it('keeps the cache where H5SERVE_CACHE says, before all else', () => {
    expect(userEnvironment({ H5SERVE_CACHE: '/srv/h5', XDG_CACHE_HOME: '/xdg' }).cacheDir).to.equal(
      '/srv/h5',
    );
  });

  it('else in the user’s cache folder', () => {
    expect(userEnvironment({ XDG_CACHE_HOME: '/xdg' }).cacheDir).to.equal('/xdg/h5serve');
    expect(userEnvironment({}).cacheDir).to.equal(home);
  });

  it('counts empty values as unset and ignores a relative XDG_CACHE_HOME', () => {
    expect(userEnvironment({ H5SERVE_CACHE: '', XDG_CACHE_HOME: 'relative', PYTHON: '' })).to.deep.equal({
      cacheDir: home,
      python: 'python3',
      compiler: undefined,
      mallocArenas: undefined,
    });
  });

  it('makes a relative H5SERVE_CACHE absolute: links into it must hold from anywhere', () => {
    expect(userEnvironment({ H5SERVE_CACHE: 'cache' }).cacheDir).to.equal(path.resolve('cache'));
  });

  it('is handed to children with additions', () => {
    expect(childEnvironment({ PYTHON: 'b' }, { PYTHON: 'a', HOME: '/h' })).to.deep.equal({
      PYTHON: 'b',
      HOME: '/h',
    });
    expect(pathWith('/new', { PATH: '/bin' })).to.equal(`/new${path.delimiter}/bin`);
    expect(pathWith('/new', {})).to.equal('/new');
  });
});
