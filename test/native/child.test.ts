import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorLines, lastLines, runChild } from '../../src/native/child.js';
import { removeTemporaryFolders, temporaryFolder } from './support/temporary-folder.js';

const node = (script: string, ...args: string[]): [string, string[]] => [
  process.execPath,
  ['-e', script, ...args],
];

/** An ended process may wait a while for whoever adopted it: the state Z. */
const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') === false;
  } catch {
    return false;
  }
};

describe('a child process', () => {
  afterEach(removeTemporaryFolders);

  it('gives back what it printed and how it ended', async () => {
    const result = await runChild(...node('console.log("out"); console.error("err"); process.exitCode = 3'));
    expect(result.ok).to.equal(false);
    expect(result.outcome).to.equal('exit code 3');
    expect(result.stdout).to.equal('out\n');
    expect(result.output).to.include('out').and.to.include('err');
  });

  it('keeps a bounded part of an endless output: its end', async () => {
    const result = await runChild(...node('for (let i = 0; i < 40000; i += 1) console.log("line " + i)'));
    expect(result.output.length).to.be.at.most(32_768);
    expect(lastLines(result.output, 1)).to.equal('line 39999');
  });

  it('that does not exist is an outcome, not an exception', async () => {
    expect(await runChild('no-such-program-anywhere', [])).to.include({ ok: false, outcome: 'not found' });
  });

  it('is ended when it takes too long', async () => {
    const result = await runChild(...node('setInterval(() => {}, 1000)'), { timeoutMs: 200 });
    expect(result).to.include({ ok: false, outcome: 'no end after 0.2 s' });
  });

  it('is ended with all that it started when the work is interrupted', async function () {
    if (process.platform !== 'linux') this.skip();
    const note = path.join(temporaryFolder(), 'pid');
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      require('node:fs').writeFileSync(process.argv[1], String(child.pid));
      setInterval(() => {}, 1000);`;
    const interruption = new AbortController();
    const running = runChild(...node(script, note), { signal: interruption.signal });
    let grandchild = 0;
    while (grandchild === 0) {
      await delay(20);
      try {
        grandchild = Number(readFileSync(note, 'utf8'));
      } catch {
        // Not written yet.
      }
    }
    expect(isAlive(grandchild)).to.equal(true);
    interruption.abort(new Error('enough'));
    expect(await running.catch((error: unknown) => (error as Error).message)).to.equal('enough');
    for (let tries = 0; tries < 100 && isAlive(grandchild); tries += 1) await delay(20);
    expect(isAlive(grandchild)).to.equal(false);
  });

  it('that is over is no concern of a later interruption', async () => {
    const interruption = new AbortController();
    const first = await runChild(...node('console.log(process.pid)'), { signal: interruption.signal });
    expect(first.ok).to.equal(true);
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    interruption.abort(new Error('enough'));
    // Ending a child starts the timer of its grace.
    expect(timers()).to.equal(before);
  });

  it('that failed to compile is told by the compiler’s own error, not by the tools around it', () => {
    const output = [
      'gyp info it worked if it ends with ok',
      '../binding/tfjs_backend.cc:26:10: fatal error: tensorflow/c/c_api.h: No such file or directory',
      'make: *** [Makefile:1: backend.o] Error 1',
      'gyp ERR! stack Error: `make` failed with exit code: 2',
      'node-pre-gyp ERR! stack     at ChildProcess.emit (node:events:524:28)',
      'node-pre-gyp ERR! not ok',
    ].join('\n');
    expect(errorLines(output)).to.equal(output.split('\n')[1]);
  });

  it('whose output names no error is told by its last lines', () => {
    expect(errorLines('one\n\ntwo\nthree\n', 2)).to.equal('two\nthree');
  });
});
