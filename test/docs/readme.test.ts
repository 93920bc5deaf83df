// The README's blocks are run as they stand, against the server that its first block starts.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { startServer, type ServerProcess } from '../helpers/server-process.js';

const run = promisify(execFile);
const README_PORT = 'localhost:8000';

async function blocks(language: string): Promise<readonly string[]> {
  const text = await readFile('README.md', 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block]) => block ?? '',
  );
}

describe('README', () => {
  let server: ServerProcess;
  const here = (block: string): string => block.replaceAll(README_PORT, new URL(server.url).host);

  before(async () => {
    server = await startServer();
  });

  after(() => server.stop());

  it('begins with the two commands that this very run was set up by', async () => {
    const [first] = await blocks('bash');
    expect(first?.trim()).to.equal('npm ci && npm start');
  });

  it('has shell blocks that work', async () => {
    const [, ...others] = await blocks('bash');
    expect(others.length).to.be.at.least(3);
    for (const block of others) {
      const { stdout } = await run('bash', [
        '-ec',
        here(block).replaceAll('curl ', 'curl -sS --fail-with-body '),
      ]);
      expect(stdout, block).to.not.equal('');
    }
  });

  it('shows an answer with the fields that the server gives', async () => {
    const [example] = await blocks('json');
    const { stdout } = await run('curl', [
      '-sS',
      '-F',
      'file=@test/fixtures/digit.png',
      `${server.url}/predict`,
    ]);
    const shown = JSON.parse(example ?? '{}') as Record<string, unknown>;
    const given = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(shown)).to.deep.equal(Object.keys(given));
    expect(Object.keys(shown['timings'] as object)).to.deep.equal(Object.keys(given['timings'] as object));
  });

  it('has a Python block that works, where requests is installed', async function () {
    const python = await run('python3', ['-c', 'import requests']).then(
      () => true,
      () => false,
    );
    if (!python) return this.skip();
    const [block] = await blocks('python');
    const { stdout } = await run('python3', ['-c', here(block ?? '')]);
    expect(stdout).to.match(/^5 \d/);
  });

  it('links to documents that exist', async () => {
    const text = await readFile('README.md', 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!http)([^)#]+)\)/g)) await readFile(target ?? '');
  });
});
