// h5serve convert, as it is typed.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { loadAddon } from '../../src/native/addon.js';
import { NativeSession } from '../../src/native/session.js';
import { runCli } from '../helpers/cli.js';

const DIGITS = 'saved_models/digits/v1/model.h5';

describe('h5serve convert', () => {
  let folder: string;
  let out: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-convert-'));
    out = path.join(folder, 'out');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('writes a SavedModel that stands by itself, and says what it did', async () => {
    const { code, stdout } = await runCli(['convert', DIGITS, out]);
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/input +image: uint8 \[batch, 28, 28, 1\]/)
      .and.match(/probabilities: float32 \[batch, 10\]/);
    expect(stdout).to.match(/! Nothing says how pixels are scaled; 0\.\.1 is assumed/);
    expect(await readdir(folder)).to.deep.equal(['out']);
    expect(await readdir(out)).to.deep.equal(['saved_model.pb']);
    const session = new NativeSession(loadAddon(), out, { dtype: 'uint8', shape: [28, 28, 1] });
    const probabilities = session.run(new Uint8Array(28 * 28), 1);
    session.close();
    expect(probabilities.reduce((sum, value) => sum + value, 0)).to.be.closeTo(1, 1e-5);
  });

  it('halves the weights in bfloat16, and leaves pixels away when asked for the raw model', async () => {
    const { stdout } = await runCli(['convert', DIGITS, out, '--raw', '--precision', 'bfloat16']);
    expect(stdout)
      .to.match(/image: float32 \[batch, 28, 28, 1\]/)
      .and.match(/bfloat16, 45\d kB/);
    expect(stdout).to.not.match(/!/);
  });

  it('takes the scale and the size from options', async () => {
    const { code, stdout } = await runCli([
      'convert',
      DIGITS,
      out,
      '--scale',
      '-1..1',
      '--size',
      '28x28',
      '--output',
      'probabilities',
    ]);
    expect(code, stdout).to.equal(0);
    expect(stdout).to.not.match(/0\.\.1 is assumed/);
  });

  it('replaces a SavedModel only with --force', async () => {
    await runCli(['convert', DIGITS, out]);
    const before = await readFile(path.join(out, 'saved_model.pb'));
    const refused = await runCli(['convert', DIGITS, out, '--precision', 'bfloat16']);
    expect(refused.code).to.equal(1);
    expect(refused.stderr)
      .to.match(/holds a SavedModel already/)
      .and.match(/--force/);
    expect(await readFile(path.join(out, 'saved_model.pb'))).to.deep.equal(before);
    expect((await runCli(['convert', DIGITS, out, '--precision', 'bfloat16', '--force'])).code).to.equal(0);
    expect((await readFile(path.join(out, 'saved_model.pb'))).length).to.be.below(before.length);
    expect(await readdir(folder)).to.deep.equal(['out']);
  });

  it('never replaces anything else, not even with --force', async () => {
    await mkdir(out);
    await writeFile(path.join(out, 'thesis.docx'), 'years of work');
    const { code, stderr } = await runCli(['convert', DIGITS, out, '--force']);
    expect(code).to.equal(1);
    expect(stderr).to.match(/is there already, and is not a SavedModel/);
    expect(await readdir(out)).to.deep.equal(['thesis.docx']);
  });

  it('leaves nothing behind when it fails', async () => {
    const damaged = path.join(folder, 'damaged.h5');
    await writeFile(damaged, (await readFile(DIGITS)).subarray(0, 500_000));
    const { code, stderr } = await runCli(['convert', damaged, out]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/checkpoint_damaged/);
    expect(await readdir(folder)).to.deep.equal(['damaged.h5']);
  });

  for (const [args, says] of [
    [[DIGITS], /one CHECKPOINT and one folder OUT/],
    [[DIGITS, 'out', '--precision', 'int4'], /--precision: expected one of float32, bfloat16, found int4/],
    [[DIGITS, 'out', '--scale', '0..2'], /--scale: expected one of auto, 0\.\.1/],
    [[DIGITS, 'out', '--size', '224'], /--size: expected HEIGHTxWIDTH/],
  ] as const) {
    it(`refuses ${args.slice(1).join(' ') || 'a missing folder'}`, async () => {
      const { code, stderr } = await runCli(['convert', ...args]);
      expect(code).to.equal(1);
      expect(stderr).to.match(says);
    });
  }
});
