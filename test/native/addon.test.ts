import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { addonPath, loadAddon } from '../../src/native/addon.js';
import { proveAddon } from '../../src/native/prove-addon.js';
import { tfjsPackage } from '../../src/native/tfjs-package.js';
import { refused } from '../helpers/refused.js';
import { removeTemporaryFolders, temporaryFolder } from './support/temporary-folder.js';

interface NodePreGyp {
  find(manifest: string): string;
}

describe('the native addon', () => {
  afterEach(removeTemporaryFolders);

  it('is looked for where node-pre-gyp, and so tfjs-node itself, looks for it', () => {
    const tfjs = tfjsPackage();
    const manifest = path.join(tfjs.folder, 'package.json');
    const nodePreGyp = createRequire(manifest)('@mapbox/node-pre-gyp') as NodePreGyp;
    expect(addonPath()).to.equal(nodePreGyp.find(manifest));
  });

  it('takes a tensor, gives it back and counts it', () => {
    const addon = loadAddon();
    const before = addon.getNumOfTensors();
    const tensor = addon.createTensor([2, 2], addon.TF_FLOAT, Float32Array.of(1, 2, 3, 4));
    expect(addon.getNumOfTensors()).to.equal(before + 1);
    expect([...addon.tensorDataSync(tensor)]).to.deep.equal([1, 2, 3, 4]);
    addon.deleteTensor(tensor);
    expect(addon.getNumOfTensors()).to.equal(before);
  });

  it('that is missing is refused with the command that brings it', async () => {
    const error = await refused(() => loadAddon('/nowhere/tfjs_binding.node'), 'native_missing');
    expect(error.detail).to.include('/nowhere/tfjs_binding.node');
    expect(error.remedy).to.include('h5serve setup');
  });

  it('that is no library is refused with the loader’s own words', async () => {
    const file = path.join(temporaryFolder(), 'tfjs_binding.node');
    writeFileSync(file, 'not a library');
    const error = await refused(() => loadAddon(file), 'native_missing');
    expect(error.detail).to.match(/does not load: .+/);
  });

  it('is proved in a process of its own, which tells the version', async () => {
    const proof = await proveAddon(addonPath());
    expect(proof.loads && proof.tensorflow).to.match(/^\d+\.\d+\.\d+/);
  });

  it('that does not load is no proof, and why is told', async () => {
    const file = path.join(temporaryFolder(), 'tfjs_binding.node');
    writeFileSync(file, 'not a library');
    const proof = await proveAddon(file);
    expect(proof.loads).to.equal(false);
    expect(!proof.loads && proof.reason)
      .to.include('does not load')
      .and.to.include('exit code 1');
  });
});
