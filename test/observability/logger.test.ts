import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLogger, type LoggerOptions } from '../../src/observability/logger.js';

/** A console that remembers. */
class Recorder extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

describe('createLogger', () => {
  let dir: string;
  let console: Recorder;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), 'h5serve-log-'));
    console = new Recorder();
  });
  afterEach(() => rm(dir, { recursive: true }));

  const logger = (options: Partial<LoggerOptions> = {}) =>
    createLogger({ level: 'info', dir, console, ...options });
  const read = (name: string): Promise<string> => readFile(path.join(dir, name), 'utf8');

  it('writes each entry to the console, to api.log and to api.jsonl', async () => {
    const log = logger();
    log.info('Prediction: 5', { Confidence: '0.9862' });
    log.error('Prediction failed: no image');
    await log.close();
    expect(console.lines).to.have.length(2);
    expect(console.lines[0]).to.match(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - h5serve - INFO - Prediction: 5 \| Confidence: 0\.9862$/,
    );
    expect(await read('api.log')).to.equal(console.text);
    const entries = (await read('api.jsonl')).trim().split('\n');
    expect(entries.map((line): unknown => JSON.parse(line))[0]).to.include({
      message: 'Prediction: 5',
      Confidence: '0.9862',
    });
    expect(entries).to.have.length(2);
  });

  it('keeps lines of its level and above', async () => {
    const log = logger({ level: 'warn' });
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    await log.close();
    expect(console.lines.map((line) => line.at(-1))).to.deep.equal(['w', 'e']);
  });

  it('takes messages and fields literally', async () => {
    const log = logger();
    log.info('100 %s %d', { message: 'of a field', level: 'debug', splat: [1] });
    await log.close();
    expect(console.text).to.include('INFO - 100 %s %d | message: of a field | level: debug');
  });

  it('writes no files where the folder is `none`', async () => {
    const log = logger({ dir: 'none' });
    log.info('x');
    await log.close();
    expect(console.lines).to.have.length(1);
    expect(await readdir(dir)).to.deep.equal([]);
  });

  it('makes the folder and adds to files that are there', async () => {
    for (const message of ['first', 'second']) {
      const log = logger({ dir: path.join(dir, 'a', 'b') });
      log.info(message);
      await log.close();
    }
    expect(await read('a/b/api.log')).to.match(/first\n.*second\n$/);
  });

  it('bounds size and number of the files, and loses none of the newest lines', async () => {
    const log = logger({ maxFileBytes: 2000, maxFiles: 3 });
    for (let at = 0; at < 40; at += 1) {
      log.info(`line ${at} ${'x'.repeat(400)}`);
      // Files rotate between writes, and lines of a moment share one.
      if (at % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 120));
    }
    await log.close();
    const files = (await readdir(dir)).filter((name) => name.endsWith('.log')).sort();
    expect(['api.1.log', 'api.2.log', 'api.log']).to.include.members(files);
    expect(files).to.include.members(['api.1.log', 'api.2.log']);
    const texts = await Promise.all(
      ['api.2.log', 'api.1.log', 'api.log'].map((name) => read(name).catch(() => '')),
    );
    for (const text of texts) expect(text.length).to.be.below(4500);
    const numbers = Array.from(texts.join('').matchAll(/ line (\d+) /g), ([, number]) => Number(number));
    expect(numbers.at(-1)).to.equal(39);
    expect(numbers).to.deep.equal(
      Array.from({ length: numbers.length }, (_, at) => 40 - numbers.length + at),
    );
  });

  const withoutFiles = async (folder: string): Promise<void> => {
    const log = logger({ dir: folder });
    for (let at = 0; at < 50_000; at += 1) log.info(`line ${at}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    log.info('still here');
    await log.close();
    const warnings = console.lines.filter((line) => line.includes('cannot be written; logging goes on'));
    expect(warnings).to.have.length(2);
    expect(console.lines).to.have.length(50_000 + 2 + 1);
    expect(console.lines.filter((line) => line.includes('still here'))).to.have.length(1);
  };

  it('goes on with the console and one warning a file where the folder cannot be made', async () => {
    await writeFile(path.join(dir, 'file'), '');
    await withoutFiles(path.join(dir, 'file', 'logs'));
  });

  it('goes on with the console and one warning a file where the folder is read-only', async () => {
    await mkdir(path.join(dir, 'logs'));
    await chmod(path.join(dir, 'logs'), 0o555);
    // Root may write into that, too, but not into a process's folder in /proc.
    await withoutFiles(process.getuid?.() === 0 ? '/proc/self' : path.join(dir, 'logs'));
  });

  it('goes on with the console and one warning a file where the disk is full', async function () {
    if (!(await stat('/dev/full').catch(() => null))) this.skip();
    for (const name of ['api.log', 'api.jsonl']) await symlink('/dev/full', path.join(dir, name));
    await withoutFiles(dir);
  });

  it('drops lines, and says so once, where the disk does not take them', async function () {
    const pipe = path.join(dir, 'api.log');
    // Opening a pipe that nobody reads waits, as a hanging network disk does.
    if (spawnSync('mkfifo', [pipe]).status !== 0) this.skip();
    const log = logger();
    const line = 'x'.repeat(100_000);
    for (let at = 0; at < 200; at += 1) log.info(line);
    const warnings = console.lines.filter((text) => text.includes('too slow; log lines are dropped'));
    expect(warnings.filter((text) => text.includes('api.log'))).to.have.length(1);
    const reader = createReadStream(pipe);
    let received = 0;
    reader.on('data', (chunk) => (received += chunk.length));
    await Promise.all([log.close(), once(reader, 'end')]);
    expect(received).to.be.within(8_000_000, 9_000_000);
  });

  const sizeOf = async (name: string): Promise<number> =>
    (await stat(path.join(dir, name)).catch(() => null))?.size ?? 0;

  it('drops nothing, however much was written before, where the disk takes it', async () => {
    const log = logger({ maxFileBytes: 1e9 });
    const line = 'x'.repeat(3_000_000);
    for (let at = 1; at <= 4; at += 1) {
      log.info(line);
      for (let tries = 0; tries < 500 && (await sizeOf('api.log')) < at * line.length; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await log.close();
    expect(console.lines.map(({ length }) => length > line.length)).to.deep.equal([true, true, true, true]);
    expect(await read('api.log')).to.equal(console.text);
  });

  it('survives a console that nobody reads any more', async () => {
    const log = logger();
    log.info('before');
    console.destroy(new Error('EPIPE'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    log.info('after');
    await log.close();
    expect(await read('api.log')).to.match(/before\n.*after\n$/);
  });

  it('logs a hundred thousand lines without losing one', async () => {
    const log = logger();
    for (let at = 0; at < 100_000; at += 1) {
      log.info('line', { at });
      if (at % 5000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await log.close();
    expect(console.lines).to.have.length(100_000);
    for (const extension of ['log', 'jsonl']) {
      const files = (await readdir(dir)).filter((name) => name.endsWith(extension));
      const texts = await Promise.all(files.map(read));
      expect(texts.join('').split('\n').length - 1).to.equal(100_000);
    }
  });

  it('writes any text whole and in order, however long its lines are', async () => {
    const log = logger();
    const lengths = [1, 20_000, 5_000, 70_000, 3, 21_845, 21_846, 0];
    for (const length of lengths) log.info(`${'€'.repeat(length)}😀`);
    await log.close();
    expect(await read('api.log')).to.equal(console.text);
    const messages = (await read('api.jsonl')).trim().split('\n');
    expect(messages.map((line) => (JSON.parse(line) as { message: string }).message)).to.deep.equal(
      lengths.map((length) => `${'€'.repeat(length)}😀`),
    );
  });

  it('takes lines after its end, for the console alone', async () => {
    const log = logger();
    await log.close();
    log.info('late');
    expect(console.text).to.include('late');
  });
});
