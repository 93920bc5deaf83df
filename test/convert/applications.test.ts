// Ten small architectures of Keras Applications against Keras; `npm run test:applications` takes all of them.
import { expect } from 'chai';
import { comparePrecisions } from '../../bench/fidelity/compare-precisions.js';
import { applicationNames, readApplication } from '../helpers/applications.js';
import { largestDifference, referenceInput, withSession } from '../helpers/reference-model.js';

const SMALL = [
  'ConvNeXtTiny',
  'DenseNet121',
  'EfficientNetB0',
  'EfficientNetV2B0',
  'InceptionV3',
  'MobileNet',
  'MobileNetV2',
  'MobileNetV3Small',
  'NASNetMobile',
  'ResNet50V2',
];

describe('Keras Applications', function () {
  this.timeout(120_000);

  it('are all in the corpus', async () => {
    const names = await applicationNames();
    expect(names).to.include.members(SMALL);
    expect(names).to.have.length(40);
  });

  for (const name of SMALL) {
    it(`${name} agrees with Keras within 1e-4 of its largest probability`, async () => {
      const model = await readApplication(name);
      const largest = Math.max(...model.output);
      await withSession(model, { precision: 'float32' }, (session, parameters) => {
        expect(parameters).to.equal(model.parameters);
        expect(largestDifference(session.run(referenceInput(model), 1), model.output) / largest).to.be.below(
          1e-4,
        );
        // Another input must give another output: or nothing of the network was compared.
        expect(
          largestDifference(session.run(referenceInput(model, 99), 1), model.output) / largest,
        ).to.be.above(1e-3);
      });
    });
  }

  it('keep their classes in bfloat16: MobileNetV2 all but one of 40', async () => {
    const model = await readApplication('MobileNetV2');
    const compared = await comparePrecisions(model, { drawn: 400, clear: 40 }, () => undefined);
    expect(compared.clear).to.equal(40);
    expect(compared.classes, 'among them').to.be.above(4);
    expect(compared.same).to.be.at.least(39);
  });
});
