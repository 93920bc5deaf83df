// What a residual costs: TensorFlow adds it inside of the convolution before it, if it knows that both have one shape.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { synthesise } from '../../src/convert/fidelity/synthesise.js';
import { cachesHere } from '../../src/native/own-addon.js';
import { startProgram } from '../native/support/run-program.js';

const layer = (class_name: string, name: string, config: object, ...from: readonly string[]) => ({
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: from.length === 0 ? [] : [from.map((input) => [input, 0, 0, {}])],
});

const BLOCK = {
  class_name: 'Functional',
  config: {
    name: 'block',
    layers: [
      layer('InputLayer', 'input', { batch_input_shape: [null, 12, 12, 3] }),
      layer('Conv2D', 'shortcut', { filters: 8, kernel_size: [3, 3], activation: 'relu' }, 'input'),
      // As in ResNet: without padding, of which TensorFlow knows only by numbers that it keeps the size.
      layer('Conv2D', 'convolution', { filters: 8, kernel_size: [1, 1], padding: 'valid' }, 'shortcut'),
      layer('Add', 'sum', {}, 'convolution', 'shortcut'),
      layer('ReLU', 'relu', {}, 'sum'),
      layer('GlobalAveragePooling2D', 'mean', {}, 'relu'),
      layer('Dense', 'classes', { units: 3, activation: 'softmax' }, 'mean'),
    ],
    input_layers: [['input', 0, 0]],
    output_layers: [['classes', 0, 0]],
  },
};

describe('a residual block', () => {
  it('is two operations of oneDNN, the sum and its ReLU in the second', async function () {
    // On ARM TensorFlow takes others of oneDNN's kernels; where these caches are hidden, oneDNN may end the process.
    const { hidden, correctable } = cachesHere();
    if (process.arch !== 'x64' || (hidden && !correctable)) this.skip();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-residual-'));
    try {
      const [source, target] = [path.join(folder, 'block.json'), path.join(folder, 'model.h5')];
      await writeFile(source, JSON.stringify(BLOCK));
      await synthesise({ source, target, maxParameters: 1e4 });
      const { code, stdout, stderr } = await startProgram(
        new URL('support/hold-sessions.js', import.meta.url),
        [target, path.join(folder, 'converted')],
        { ONEDNN_VERBOSE: '1', TF_ENABLE_ONEDNN_OPTS: '1' },
      ).ended;
      expect(code, stderr).to.equal(0);
      const afterwards = stdout
        .split('\n')
        .filter((line) => line.includes(',exec,cpu,convolution,'))
        .map((line) => /post-ops:([a-z_+]*)/.exec(line)?.[1]);
      expect(new Set(afterwards)).to.deep.equal(new Set(['eltwise_relu', 'sum+eltwise_relu']));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
