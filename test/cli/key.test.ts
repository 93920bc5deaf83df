import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { callerOf, parseKey, parseKeyFile } from '../../src/access/api-keys.js';
import { runCli } from '../helpers/cli.js';

describe('h5serve key', () => {
  it('makes a key, and the line that lets it in; no two are alike', async () => {
    const { code, stdout } = await runCli(['key', 'web', '--role', 'admin']);
    expect(code).to.equal(0);
    const [key = ''] = stdout.split('\n');
    expect(key).to.match(/^h5s_[\w-]{43}$/);
    const line = /API_KEYS_FILE: {2}(.*)/.exec(stdout)?.[1] ?? '';
    expect(line).to.not.include(key);
    expect(callerOf(key, parseKeyFile(line, 'here'))).to.deep.equal({ name: 'web', role: 'admin' });
    const entry = /API_KEYS=(.*)/.exec(stdout)?.[1] ?? '';
    expect(callerOf(key, [parseKey(entry, 'here')])).to.deep.equal({ name: 'web', role: 'admin' });
    expect((await runCli(['key', 'web'])).stdout).to.not.include(key);
  });

  it('appends to a file that only its owner reads', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-key-'));
    const file = path.join(folder, 'keys.txt');
    const first = (await runCli(['key', 'web', '--file', file])).stdout.trim();
    const second = (await runCli(['key', 'web', '--file', file])).stdout.trim();
    const keys = parseKeyFile(await readFile(file, 'utf8'), 'here');
    expect(callerOf(first, keys)?.name).to.equal('web');
    expect(callerOf(second, keys)?.role).to.equal('predict');
    expect((await stat(file)).mode & 0o077).to.equal(0);
    await rm(folder, { recursive: true });
  });

  it('says what is wrong', async () => {
    expect((await runCli(['key'])).stderr).to.include('one NAME is needed');
    expect((await runCli(['key', 'web', '--role', 'root'])).stderr).to.include('found "root"');
    const spaced = (await runCli(['key', 'a b'])).stderr;
    expect(spaced).to.include('NAME is up to 64 letters').and.include('found "a b"');
    const lost = await runCli(['key', 'web', '--file', '/no/such/folder/keys']);
    expect(lost).to.include({ code: 1, stdout: '' });
    expect(lost.stderr)
      .to.include('key: /no/such/folder/keys cannot be written')
      .and.not.match(/^ +at /m);
  });
});
