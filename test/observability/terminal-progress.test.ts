import { expect } from 'chai';
import { terminalProgress } from '../../src/observability/terminal-progress.js';

const CLEAR_LINE = '\r\u001b[2K';

/** A stream that keeps what it is told, and a clock that the test moves. */
function watched(terminal: { isTTY: boolean; columns?: number }) {
  const written: string[] = [];
  const clock = { now: 0 };
  const progress = terminalProgress({
    stream: { ...terminal, write: (text) => written.push(text) },
    now: () => clock.now,
  });
  return { progress, clock, written, text: () => written.join('') };
}

describe('progress elsewhere than on a terminal', () => {
  it('is a line at the start, one each quarter and one at the end', () => {
    const { progress, clock, text } = watched({ isTTY: false });
    progress.step('Downloading', 100_000_000, 'bytes');
    for (let part = 0; part < 100; part += 1) progress.advance(1_000_000);
    clock.now = 2500;
    progress.done();
    expect(text()).to.equal(
      [
        'Downloading …',
        'Downloading: 25 % (25/100 MB)',
        'Downloading: 50 % (50/100 MB)',
        'Downloading: 75 % (75/100 MB)',
        'Downloading: 100 MB, 2.5 s',
        '',
      ].join('\n'),
    );
  });

  it('tells a jump over quarters once', () => {
    const { progress, text } = watched({ isTTY: false });
    progress.step('Downloading', 100, 'files');
    progress.advance(80);
    expect(text().split('\n')).to.deep.equal(['Downloading …', 'Downloading: 75 % (80/100 files)', '']);
  });

  it('of unknown length is a start and an end with its summary', () => {
    const { progress, clock, text } = watched({ isTTY: false });
    progress.step('Compiling');
    clock.now = 9000;
    progress.done('2 files');
    expect(text()).to.equal('Compiling …\nCompiling: 2 files, 9.0 s\n');
  });
});

describe('progress on a terminal', () => {
  it('is one line, redrawn, with a bar, the amount and the rate', () => {
    const { progress, clock, written } = watched({ isTTY: true, columns: 100 });
    progress.step('Downloading', 100_000_000, 'bytes');
    clock.now = 1000;
    progress.advance(50_000_000);
    const last = written.at(-1) ?? '';
    expect(last).to.equal(`${CLEAR_LINE}Downloading  ████████░░░░░░░░  50 %  50/100 MB  50 MB/s`);
    expect(written.join('')).not.to.include('\n');
  });

  it('is not redrawn for every byte', () => {
    const { progress, clock, written } = watched({ isTTY: true, columns: 100 });
    progress.step('Downloading', 1000, 'bytes');
    for (let tick = 0; tick < 1000; tick += 1) {
      clock.now += 1;
      progress.advance(1);
    }
    expect(written.length).to.be.within(10, 20);
  });

  it('never fills the line, so that it can be redrawn', () => {
    const { progress, clock, written } = watched({ isTTY: true, columns: 30 });
    progress.step('A step with a title as long as this one', 100, 'files');
    clock.now = 1000;
    progress.advance(50);
    for (const line of written) expect(line.replace(CLEAR_LINE, '').length).to.be.below(30);
  });

  it('ends its line with what was done', () => {
    const { progress, clock, written } = watched({ isTTY: true, columns: 100 });
    progress.step('Unpacking', 853_000_000, 'bytes');
    progress.advance(853_000_000);
    clock.now = 4200;
    progress.done('14 headers');
    expect(written.at(-1)).to.equal(`${CLEAR_LINE}Unpacking: 14 headers, 853 MB, 4.2 s\n`);
  });

  it('closed in the middle of a step leaves the cursor on a new line, once', () => {
    const { progress, written } = watched({ isTTY: true, columns: 100 });
    progress.step('Unpacking', 100, 'files');
    progress.close();
    progress.close();
    expect(written.filter((text) => text === '\n')).to.have.length(1);
  });

  it('bears more than the total, and work before any step', () => {
    const { progress, clock, written } = watched({ isTTY: true, columns: 100 });
    progress.advance(5);
    progress.done();
    expect(written).to.deep.equal([]);
    progress.step('Unpacking', 10, 'files');
    clock.now = 1000;
    progress.advance(20);
    expect(written.at(-1)).to.include('100 %');
  });
});

describe('progress to a terminal that went away', () => {
  it('does not end the work', () => {
    const progress = terminalProgress({
      stream: {
        isTTY: true,
        write: () => {
          throw new Error('EPIPE');
        },
      },
    });
    progress.step('Downloading', 10, 'bytes');
    progress.advance(5);
    expect(() => progress.done()).not.to.throw();
  });
});
