// What `h5serve inspect` tells of models that come as a graph.
import { expect } from 'chai';
import { inspectCheckpoint } from '../../../src/convert/inspect.js';
import { FIXTURES } from './support.js';

const inspect = (fixture: string) =>
  inspectCheckpoint({ checkpoint: `${FIXTURES}/${fixture}`, maxParameters: 1e9 });

describe('inspecting a graph', () => {
  it('tells its operations, ends and parameters', async () => {
    expect(await inspect('tf1_frozen.pb')).to.deep.include({
      operations: ['Conv2D', 'BiasAdd', 'Relu', 'Reshape', 'MatMul', 'Softmax'],
      inputs: [{ name: 'x', shape: [null, 12, 12, 3] }],
      outputs: [{ name: 'final_result', shape: [null, 5] }],
      parameters: 3 * 3 * 3 * 8 + 8 + 288 * 5 + 5,
      faults: [],
    });
  });

  it('tells that the graph scales pixels', async () => {
    expect((await inspect('one_picture.pb')).preprocessing).to.have.length(1);
  });

  it('tells why it cannot be served', async () => {
    const codes = async (fixture: string) => (await inspect(fixture)).faults.map(({ code }) => code);
    expect(await codes('refused/reads_file')).to.deep.equal(['layer_unsupported']);
    expect(await codes('any_size')).to.deep.equal(['not_a_classifier']);
  });

  it('shows the layers of a tfjs model that has them', async () => {
    const { layers, operations, faults } = await inspect('tfjs_layers');
    expect(layers.map(({ className }) => className)).to.deep.equal([
      'InputLayer',
      'Conv2D',
      'GlobalAveragePooling2D',
      'Dense',
    ]);
    expect([operations, faults]).to.deep.equal([undefined, []]);
  });
});
