import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readDefinition } from '../../src/models/repository.js';
import { singleModel } from '../../src/models/single-model.js';
import { refused } from '../helpers/refused.js';

describe('one model in place of a folder of models', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(path.join(os.tmpdir(), 'h5serve-one-'))));
  afterEach(() => rm(root, { recursive: true }));

  async function put(file: string, text = 'x'): Promise<string> {
    const place = path.join(root, file);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
    return place;
  }

  it('has the name of its file, or of the folder where the format prescribes the file’s', async () => {
    const names: Record<string, string> = {
      'My flowers.h5': 'My-flowers/1',
      'a.b.keras': 'a.b/1',
      '__proto__.h5': 'proto__/1',
      'tfjs/model.json': 'tfjs/1',
      'exported/saved_model.pb': 'exported/1',
      'digits/v2/saved_model.pb': 'digits/v2',
    };
    for (const [file, expected] of Object.entries(names)) {
      const { name, version } = await singleModel({ MODEL_PATH: await put(file) });
      expect(`${name}/${version}`, file).to.equal(expected);
    }
  });

  it('may be a folder: a SavedModel, or a version of a model', async () => {
    await put('exported/saved_model.pb');
    await put('digits/v2/model.h5');
    const exported = await singleModel({ MODEL_PATH: path.join(root, 'exported') });
    expect(exported).to.include({ name: 'exported', version: '1' });
    expect(exported.files?.checkpoint).to.equal(path.join(root, 'exported/saved_model.pb'));
    const digits = await singleModel({ MODEL_PATH: path.join(root, 'digits/v2') });
    expect(digits).to.include({ name: 'digits', version: 'v2' });
  });

  it('takes labels and manifest from beside it, and others where they are named', async () => {
    const checkpoint = await put('m/model.h5');
    await put('m/labels.txt', 'cat\ndog');
    await put('m/manifest.json', '{"top_k":2}');
    const beside = await readDefinition(await singleModel({ MODEL_PATH: checkpoint }));
    expect(beside.labels).to.deep.equal(['cat', 'dog']);
    expect(beside.manifest.top_k).to.equal(2);
    const named = await singleModel({
      MODEL_PATH: checkpoint,
      LABELS_PATH: await put('other.txt', 'tulip\nrose'),
      MANIFEST_PATH: await put('other.json', '{"top_k":1,"labels":["a","b"]}'),
      ARCHITECTURE_PATH: await put('net.json', '{}'),
    });
    const definition = await readDefinition(named);
    expect(definition.labels).to.deep.equal(['tulip', 'rose']);
    expect(definition.manifest.top_k).to.equal(1);
    expect(definition.architecture).to.equal(path.join(root, 'net.json'));
  });

  it('leaves a manifest alone that is another program’s, and says so', async () => {
    const checkpoint = await put('model.h5');
    const foreign = [
      '[{"file":"a.h5"}]',
      '{"name":"My app","short_name":"app","icons":[]}',
      '{"schemaVersion":2,"config":{},"layers":[]}',
      '{"name":"x","license":"MIT"}',
      '"x"',
      'null',
    ];
    for (const text of foreign) {
      const file = await put('manifest.json', text);
      const notices: string[] = [];
      const { files } = await singleModel({ MODEL_PATH: checkpoint }, (notice) => notices.push(notice));
      expect(files, text).to.deep.equal({ checkpoint });
      expect(notices.join(), text).to.include(file).and.include("another program's");
    }
  });

  it('refuses a manifest that is mistyped, named, or no JSON', async () => {
    const checkpoint = await put('model.h5');
    for (const text of ['{"lables":["a","b"]}', '{"top_k":"many"}', '{"labels":']) {
      await put('manifest.json', text);
      await refused(singleModel({ MODEL_PATH: checkpoint }), 'manifest_invalid');
    }
    const foreign = await put('other.json', `[${'"x",'.repeat(5000)}1]`);
    const named = singleModel({ MODEL_PATH: checkpoint, MANIFEST_PATH: foreign });
    const { detail } = await refused(named, 'manifest_invalid');
    expect(detail)
      .to.include('found ["x",')
      .and.have.length.below(foreign.length + 250);
  });

  it('refuses a folder in place of a file, by the name of its setting', async () => {
    const MODEL_PATH = await put('model.h5');
    for (const setting of ['LABELS_PATH', 'MANIFEST_PATH', 'ARCHITECTURE_PATH']) {
      const { detail } = await refused(singleModel({ MODEL_PATH, [setting]: root }), 'config_invalid');
      expect(detail).to.equal(`${setting}: ${root} is a folder; expected a file`);
    }
  });

  it('leaves a manifest alone that is another checkpoint’s', async () => {
    await put('model.h5');
    await put('manifest.json', '{"checkpoint":"model.h5","top_k":9}');
    const other = await singleModel({ MODEL_PATH: await put('other.h5') });
    expect((await readDefinition(other)).manifest.top_k).to.equal(3);
  });

  it('says which file that a setting names is not there', async () => {
    const MODEL_PATH = await put('model.h5');
    const missing = path.join(root, 'none');
    expect((await refused(singleModel({ MODEL_PATH: missing }), 'config_invalid')).detail).to.match(
      /^MODEL_PATH: /,
    );
    const labels = await refused(singleModel({ MODEL_PATH, LABELS_PATH: missing }), 'config_invalid');
    expect(labels.detail).to.match(/^LABELS_PATH: /);
    await mkdir(path.join(root, 'empty'));
    await refused(singleModel({ MODEL_PATH: path.join(root, 'empty') }), 'checkpoint_missing');
  });
});
