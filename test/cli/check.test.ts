// h5serve check, as it is typed.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { runCli } from '../helpers/cli.js';

const CHECKPOINT = 'test/fixtures/checkpoints/sequential.keras';
const EXPECTED = 'test/fixtures/checkpoints/sequential.expected.json';

describe('h5serve check', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-check-'));
  });

  after(() => rm(folder, { recursive: true }));

  it('takes the expected output flat, or in the lists that Keras gives', async () => {
    const flat = JSON.parse(await readFile(EXPECTED, 'utf8')) as { output: readonly number[] };
    const file = path.join(folder, 'expected.json');
    await writeFile(file, JSON.stringify({ ...flat, output: [flat.output] }));
    for (const expected of [EXPECTED, file]) {
      const { code, stdout } = await runCli(['check', CHECKPOINT, '--expected', expected]);
      expect(code).to.equal(0);
      expect(stdout).to.match(/^ok: largest difference .* 10 outputs, same top-1/);
    }
  });

  it('tells a file that is not there from one that does not say enough', async () => {
    const absent = await runCli(['check', CHECKPOINT, '--expected', path.join(folder, 'nothing.json')]);
    expect(absent.code).to.equal(1);
    expect(absent.stderr).to.match(/nothing\.json cannot be read/);
    const file = path.join(folder, 'poor.json');
    await writeFile(file, '{"output": [["a"]]}');
    const poor = await runCli(['check', CHECKPOINT, '--expected', file]);
    expect(poor.stderr).to.match(/poor\.json does not hold an expected output/);
  });

  it('says so where there is no checkpoint at the path', async () => {
    const { code, stderr } = await runCli(['check', path.join(folder, 'nothing.h5'), '--expected', EXPECTED]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/nothing\.h5 does not exist/);
    expect(stderr).to.match(/Check the path/);
  });
});
