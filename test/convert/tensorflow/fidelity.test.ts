// Graphs by TensorFlow and tfjs, against what TensorFlow gives for the same input.
import { expect } from 'chai';
import { measureFidelity } from '../../../src/cli/fidelity.js';
import type { GraphEnds } from '../../../src/contracts/model.js';
import { sharedData } from '../../helpers/shared-data.js';

const FOLDER = 'test/fixtures/saved-models';

const difference = async (checkpoint: string, expectedFile: string, graph: GraphEnds = {}): Promise<number> =>
  (await measureFidelity({ checkpoint, expectedFile, precision: 'float32', maxParameters: 1e9, graph }))
    .absolute;

const MODELS: readonly (readonly [title: string, file: string, ends?: GraphEnds])[] = [
  ['a SavedModel that Keras 3 exported: functions in functions, variables twice', 'keras_export'],
  ['a SavedModel for pictures of any size', 'any_size'],
  [
    'a SavedModel with two outputs, variables in a loop and in a branch',
    'two_outputs',
    { output: 'probabilities' },
  ],
  ['a SavedModel by TensorFlow 1, trained in it: reference variables, slots, tables', 'tf1_variables'],
  ['a SavedModel by TensorFlow 1, branches that resource variables go through', 'tf1_condition'],
  ['a frozen graph for one picture at a time', 'one_picture.pb'],
  ['a frozen graph by TensorFlow 1, placed on a GPU', 'tf1_frozen.pb'],
  ['a frozen graph by TensorFlow 2', 'frozen_sigmoid.pb'],
  ['a tfjs model in layers format, quantised in three ways', 'tfjs_layers'],
  ['a tfjs model in graph format, its operations joined', 'tfjs_graph'],
];

describe('graphs by others', () => {
  for (const [title, file, ends] of MODELS) {
    it(`give what they gave: ${title}`, async () => {
      expect(
        await difference(`${FOLDER}/${file}`, `${FOLDER}/${file.replace('.pb', '')}.expected.json`, ends),
      ).to.be.below(1e-6);
    });
  }

  it("give what they gave: a flower classifier from the web, run by tfjs's own JavaScript", async function () {
    const folder = sharedData(this, 'tfjs', 'flowers_rinariii');
    expect(await difference(folder, `${FOLDER}/flowers_rinariii.expected.json`)).to.be.below(1e-5);
  });

  it('give what they gave: a quantised MobileNetV2 from the web', async function () {
    const folder = sharedData(this, 'tfjs', 'nsfwjs_mobilenet_v2');
    expect(await difference(folder, `${folder}/expected.json`)).to.be.below(1e-5);
  });
});
