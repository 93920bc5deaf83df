import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { manifestSchema } from '../../src/models/manifest.js';
import { readReference } from '../../src/models/reference.js';

describe('the reference of a model', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-reference-'))));
  after(() => rm(folder, { recursive: true }));

  const read = async (metrics: object, file?: unknown) => {
    if (file !== undefined)
      await writeFile(
        path.join(folder, 'reference.json'),
        typeof file === 'string' ? file : JSON.stringify(file),
      );
    return readReference(folder, manifestSchema.parse({ metrics }), ['cat', 'dog']);
  };

  it('is none where the manifest says nothing', async () => {
    expect(await read({ accuracy: 0.9 })).to.deep.equal({ reference: null, notices: [] });
  });

  it('comes from the shares in the manifest, which need not sum to one', async () => {
    const { reference } = await read({ class_shares: { dog: 3, cat: 1 } });
    expect(reference).to.deep.equal({ samples: null, classes: [0.25, 0.75], confidence: null });
  });

  it('comes from the file that the manifest names', async () => {
    const { reference } = await read(
      { per_class: 'reference.json' },
      {
        samples: 10,
        classes: { cat: { share: 0.4, recall: 0.9 }, dog: { share: 0.6 } },
        confidence: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      },
    );
    expect(reference).to.deep.include({ samples: 10, classes: [0.4, 0.6] });
    expect(reference?.confidence).to.have.length(10);
  });

  it('comes with the digits model', async () => {
    const { reference, notices } = await readReference(
      'saved_models/digits/v1',
      manifestSchema.parse({ metrics: { per_class: 'reference.json' } }),
      Array.from('0123456789'),
    );
    expect(notices).to.deep.equal([]);
    expect(reference?.samples).to.equal(10_000);
    expect(reference?.classes[1]).to.be.closeTo(0.1135, 0.002);
  });

  const unusable: { what: string; metrics: object; file?: unknown; reason: RegExp }[] = [
    { what: 'is not there', metrics: { per_class: 'nowhere.json' }, reason: /ENOENT/ },
    { what: 'is not JSON', metrics: { per_class: 'reference.json' }, file: '{', reason: /JSON/ },
    { what: 'has no classes', metrics: { per_class: 'reference.json' }, file: {}, reason: /classes/ },
    { what: 'names another class', metrics: { class_shares: { cow: 1 } }, reason: /no class "cow"/ },
    { what: 'has shares of nothing', metrics: { class_shares: { cat: 0 } }, reason: /sum to nothing/ },
  ];
  for (const { what, metrics, file, reason } of unusable) {
    it(`is told of and left out where it ${what}`, async () => {
      const { reference, notices } = await read(metrics, file);
      expect(reference).to.equal(null);
      expect(notices).to.have.length(1);
      expect(notices[0]).to.match(reason);
    });
  }
});
