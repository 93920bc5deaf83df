import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { AppError, describeError, toAppError } from '../../src/errors/app-error.js';
import { CATALOGUE, isErrorCode } from '../../src/errors/catalogue.js';

async function sources(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true });
  const texts = files.filter((file) => file.endsWith('.ts') && !file.endsWith('catalogue.ts'));
  return (await Promise.all(texts.map((file) => readFile(path.join(folder, file), 'utf8')))).join('\n');
}

describe('error catalogue', () => {
  it('holds no code that nothing raises', async () => {
    const text = (await sources('src')) + (await sources('workers'));
    const unused = Object.keys(CATALOGUE).filter((code) => !text.includes(`'${code}'`));
    expect(unused).to.deep.equal([]);
  });

  it('gives every code a status, a title and a remedy', () => {
    for (const [code, { status, title, remedy }] of Object.entries(CATALOGUE)) {
      expect(status, code).to.be.within(400, 599);
      expect(title, code).to.match(/^[A-Z].*[^.]$/);
      expect(remedy, code).to.match(/^[A-Z].*\.$/);
    }
  });

  it('knows its codes from inherited names', () => {
    expect(isErrorCode('queue_full')).to.equal(true);
    expect(isErrorCode('toString')).to.equal(false);
  });
});

describe('AppError', () => {
  it('keeps a known error and makes an unknown one known', () => {
    const known = new AppError('no_image', 'nothing came');
    expect(toAppError(known)).to.equal(known);
    const cause = new Error('boom');
    expect(toAppError(cause)).to.include({ code: 'internal', cause });
  });

  it('tells a person what happened and what to do', () => {
    expect(describeError(new AppError('port_in_use', 'port 80'))).to.equal(
      'The port is in use (port_in_use)\n  port 80\n  → Stop the other program, or set PORT to a free port.',
    );
  });

  it('knows where it was thrown, unless it refuses what a busy service cannot take', () => {
    const at = /catalogue\.test/;
    expect(new AppError('queue_full', 'much waits').stack).to.not.match(at);
    expect(new AppError('internal', 'a bug').stack).to.match(at);
  });
});
