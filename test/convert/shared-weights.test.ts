import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { synthesise } from '../../src/convert/fidelity/synthesise.js';
import { needsOwnAddon } from '../helpers/own-addon.js';
import { startProgram } from '../native/support/run-program.js';

describe('large weights', () => {
  it('are not copied into each session, but for what oneDNN makes of them', async function () {
    needsOwnAddon(this);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-shared-'));
    try {
      const target = path.join(folder, 'model.h5');
      const source = 'test/fixtures/applications/ResNet50.json.gz';
      const { parameters } = await synthesise({ source, target, maxParameters: 1e8 });
      const program = startProgram(new URL('support/hold-sessions.js', import.meta.url), [
        target,
        path.join(folder, 'converted'),
      ]);
      const { stdout, stderr } = await program.ended;
      // Two copies are oneDNN's; with TensorFlow's there were six.
      expect(Number(stdout), stderr).to.be.within(1, 3 * 4 * parameters);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
