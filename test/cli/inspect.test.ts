// h5serve inspect, as it is typed.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { runCli } from '../helpers/cli.js';
import { denseConfig, legacyH5, smallH5 } from '../helpers/keras-files.js';

const FIXTURES = 'test/fixtures/checkpoints';

describe('h5serve inspect', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-inspect-'));
  });

  after(() => rm(folder, { recursive: true }));

  const put = async (name: string, content: Buffer | string): Promise<string> => {
    await writeFile(path.join(folder, name), content);
    return path.join(folder, name);
  };

  it('prints a table as that of summary(), nested models indented', async () => {
    const { code, stdout } = await runCli(['inspect', `${FIXTURES}/nested.keras`]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/Keras 3\.15\.1, Functional "nested"/);
    expect(stdout).to.match(/^ {2}middle +Functional +\[batch, 5, 5, 3\] +96$/m);
    expect(stdout).to.match(/^ {4}backbone +Functional/m);
    expect(stdout).to.match(/^ {6}backbone_conv +Conv2D +\[batch, 10, 10, 3\] +84$/m);
    expect(stdout).to.match(/^Parameters +740$/m);
    expect(stdout).to.match(/^Preprocessing +Rescaling "to_range": scale 2, offset -1$/m);
    expect(stdout).to.match(/3 kB of weights in float32, 2 kB in bfloat16/);
    expect(stdout).to.match(/It can be served\.$/m);
  });

  it('counts parameters as Keras does', async () => {
    const { stdout } = await runCli(['inspect', `${FIXTURES}/vit.keras`, '--json']);
    const told = JSON.parse(stdout) as {
      parameters: number;
      faults: unknown[];
      layers: { parameters: number; depth: number }[];
    };
    expect(told.faults).to.deep.equal([]);
    expect(
      told.layers.filter(({ depth }) => depth === 0).reduce((sum, { parameters }) => sum + parameters, 0),
    ).to.equal(told.parameters);
  });

  it('tells every reason, each with its place, and marks the layers', async () => {
    const odd = (className: string, name: string): object => ({ class_name: className, config: { name } });
    const config = denseConfig();
    config.config.layers.splice(
      1,
      0,
      odd('Lambda', 'scale'),
      odd('Shop>Squeeze', 'squeeze'),
      odd('ReLU', 'relu'),
      odd('Wormhole', 'hole'),
    );
    const { code, stdout } = await runCli(['inspect', await put('odd.h5', await smallH5(config))]);
    expect(code).to.equal(1);
    expect(stdout).to.match(/It cannot be served, for 3 reasons:/);
    for (const name of ['scale', 'squeeze', 'hole'])
      expect(stdout)
        .to.match(new RegExp(`^✗ ${name} `, 'm'))
        .and.match(new RegExp(`^✗ layer "${name}"`, 'm'));
    expect(stdout).to.match(/^ {2}relu +ReLU +\? +\?$/m);
  });

  it('tells of every weight that does not fit', async () => {
    const layers = [
      { class_name: 'Dense', config: { name: 'one', units: 4 } },
      { class_name: 'Dense', config: { name: 'two', units: 3 } },
    ];
    const config = denseConfig();
    config.config.layers.splice(2, 1, ...layers);
    const weights = Object.fromEntries(
      ['one', 'two'].map((name) => [
        name,
        [
          { name: `${name}/kernel:0`, shape: [9, 9] },
          { name: `${name}/bias:0`, shape: [9] },
        ],
      ]),
    );
    const { code, stdout } = await runCli([
      'inspect',
      await put('misfit.h5', await legacyH5({ config, weights })),
    ]);
    expect(code).to.equal(1);
    expect(stdout)
      .to.match(/one\/kernel: the architecture wants \[4, 4\]/)
      .and.match(/two\/kernel: the architecture wants \[4, 3\]/);
  });

  it('takes the architecture of a file of weights from an option', async () => {
    const { code, stdout } = await runCli([
      'inspect',
      `${FIXTURES}/vit.weights.h5`,
      '--architecture',
      `${FIXTURES}/vit.architecture.json`,
    ]);
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/Functional "vit"/);
  });

  it('shows a model of pictures of any size for one of them', async () => {
    const layers = [
      { class_name: 'InputLayer', config: { name: 'image', batch_shape: [null, null, null, null] } },
      { class_name: 'GlobalAveragePooling2D', config: { name: 'pool' } },
      { class_name: 'Dense', config: { name: 'dense', units: 4, activation: 'softmax' } },
    ];
    const content = await legacyH5({
      config: { class_name: 'Sequential', config: { name: 'any', layers } },
      weights: {
        dense: [
          { name: 'dense/kernel:0', shape: [3, 4] },
          { name: 'dense/bias:0', shape: [4] },
        ],
      },
    });
    const { code, stdout } = await runCli(['inspect', await put('any.h5', content)]);
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/^Inputs +image \[batch, any, any, any\]$/m);
    expect(stdout).to.match(/! The model takes pictures of any size: input\.size in the manifest/);
  });

  it('prints names that would steer a terminal as harmless ones', async () => {
    const { stdout } = await runCli([
      'inspect',
      await put('steer.h5', await smallH5(denseConfig({ name: '\u001b[2J\u0007' }))),
    ]);
    expect(stdout).to.not.include('\u001b').and.not.include('\u0007');
    expect(stdout).to.include('�[2J�');
  });

  it('refuses what is no checkpoint with its error and remedy', async () => {
    const { code, stderr } = await runCli(['inspect', await put('page.h5', '<!DOCTYPE html>')]);
    expect(code).to.equal(1);
    expect(stderr)
      .to.match(/checkpoint_not_hdf5/)
      .and.match(/HTML/)
      .and.match(/→/);
  });
});
