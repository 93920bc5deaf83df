import { expect } from 'chai';
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { silentProgress } from '../../src/contracts/progress.js';
import { tfjsPackage } from '../../src/native/tfjs-package.js';
import { rootHeaders, unpackWheel } from '../../src/native/unpack.js';
import { refused } from '../helpers/refused.js';
import { smallZip } from './support/small-zip.js';
import { removeTemporaryFolders, temporaryFolder } from './support/temporary-folder.js';

const library = Buffer.from('a library, say '.repeat(100_000));

const contents = {
  'tensorflow/libtensorflow_cc.so.2': library,
  'tensorflow/libtensorflow_framework.so.2': 'the framework',
  'tensorflow/include/LICENSE': 'a licence',
  'tensorflow/include/tensorflow/c/c_api.h': '#include "tensorflow/c/tf_status.h"',
  'tensorflow/include/tensorflow/c/tf_status.h': '',
  'tensorflow/include/tensorflow/core/kernel.h': '',
  'tensorflow/python/much.py': 'pass',
};

function unpack(files: Readonly<Record<string, string | Buffer>>, signal = new AbortController().signal) {
  const folder = temporaryFolder();
  const wheel = path.join(folder, 'small.whl');
  writeFileSync(wheel, smallZip(files));
  const target = path.join(folder, 'deps');
  const roots = ['tensorflow/c/c_api.h', 'node_api.h'];
  return { target, done: unpackWheel({ wheel, target, roots, progress: silentProgress, signal }) };
}

describe('the unpacked wheel', () => {
  afterEach(removeTemporaryFolders);

  it('holds the two libraries, byte by byte, and the names that the linker asks for', async () => {
    const { target, done } = unpack(contents);
    await done;
    expect(readFileSync(path.join(target, 'lib', 'libtensorflow_cc.so.2')).equals(library)).to.equal(true);
    expect(readlinkSync(path.join(target, 'lib', 'libtensorflow.so'))).to.equal('libtensorflow_cc.so.2');
    expect(readFileSync(path.join(target, 'lib', 'libtensorflow_framework.so'), 'utf8')).to.equal(
      'the framework',
    );
  });

  it('holds the headers that are needed and the licence, and nothing else', async () => {
    const { target, done } = unpack(contents);
    await done;
    const include = (name: string): boolean => existsSync(path.join(target, 'include', name));
    expect(include('tensorflow/c/tf_status.h')).to.equal(true);
    expect(include('tensorflow/core/kernel.h')).to.equal(false);
    expect(readFileSync(path.join(target, 'LICENSE'), 'utf8')).to.equal('a licence');
  });

  it('is refused with the missing name when the wheel is laid out otherwise', async () => {
    const rest = Object.fromEntries(Object.entries(contents).filter(([name]) => !name.endsWith('_cc.so.2')));
    const error = await refused(unpack(rest).done, 'native_setup_failed');
    expect(error.detail).to.include('tensorflow/libtensorflow_cc.so.2');
  });

  it('stops when it is interrupted', async () => {
    const { done } = unpack(contents, AbortSignal.abort(new Error('enough')));
    expect(
      await done.then(
        () => 'done',
        () => 'stopped',
      ),
    ).to.equal('stopped');
  });

  it('starts from the TensorFlow headers that the addon’s own sources include', async () => {
    expect(await rootHeaders(path.join(tfjsPackage().folder, 'binding'))).to.include.members([
      'tensorflow/c/c_api.h',
      'tensorflow/c/eager/c_api.h',
      'tensorflow/core/platform/ctstring_internal.h',
    ]);
  });
});
