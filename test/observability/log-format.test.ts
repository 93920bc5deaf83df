import { expect } from 'chai';
import { humanLine, jsonLine } from '../../src/observability/log-format.js';

const AT = new Date(2024, 11, 13, 1, 30, 45);
const human = (message: string, fields: Record<string, unknown> = {}, level = 'info'): string =>
  humanLine({ level, message, fields }, AT);
const json = (message: string, fields: Record<string, unknown> = {}): unknown =>
  JSON.parse(jsonLine({ level: 'info', message, fields }, AT));

describe('humanLine', () => {
  it('writes a prediction as the digit service wrote it', () => {
    expect(human('Prediction: 5', { Confidence: '0.9862', Time: '0.085s' })).to.equal(
      '2024-12-13 01:30:45 - h5serve - INFO - Prediction: 5 | Confidence: 0.9862 | Time: 0.085s',
    );
  });

  it('begins with the time of its own second', () => {
    const time = (ms: number): string =>
      humanLine({ level: 'info', message: 'x', fields: {} }, new Date(AT.getTime() + ms)).slice(11, 19);
    expect([0, 999, 1000, 60_000, 0].map(time)).to.deep.equal([
      '01:30:45',
      '01:30:45',
      '01:30:46',
      '01:31:45',
      '01:30:45',
    ]);
  });

  it('names levels as Python does', () => {
    for (const [level, name] of Object.entries({
      debug: 'DEBUG',
      info: 'INFO',
      warn: 'WARNING',
      error: 'ERROR',
    })) {
      expect(human('x', {}, level)).to.include(` - ${name} - x`);
    }
  });

  it('leaves out what is undefined and shows what is null, 0 or false', () => {
    expect(human('x', { a: undefined, b: null, c: 0, d: false })).to.match(
      / - x \| b: null \| c: 0 \| d: false$/,
    );
  });

  it('keeps one entry on one line, whatever a client sent', () => {
    const line = human('a\nb', {
      'k\r\ney': 'v\n2024-12-13 - h5serve - INFO - forged',
      tab: '\t',
      odd: '\u0000\u001b[31m\u0085\u2028',
    });
    expect(line).not.to.match(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(line).to.include('a\\nb').and.to.include('k\\r\\ney').and.to.include('\\u001b[31m');
  });

  it('shows an error with its stack', () => {
    expect(human('x', { cause: new TypeError('broken') })).to.include('cause: TypeError: broken\\n');
  });
});

describe('jsonLine', () => {
  it('carries time, level, message and fields', () => {
    expect(json('Prediction: 5', { ms: 1.5, nested: { a: [1] } })).to.deep.equal({
      timestamp: AT.toISOString(),
      level: 'info',
      message: 'Prediction: 5',
      ms: 1.5,
      nested: { a: [1] },
    });
  });

  it('lets no field pose as the message', () => {
    expect(json('true', { message: 'forged', level: 'forged', timestamp: 'forged' })).to.deep.include({
      level: 'info',
      message: 'true',
      timestamp: AT.toISOString(),
    });
  });

  it('carries an error with its causes', () => {
    const error = new Error('outer', { cause: new Error('inner') });
    expect(json('x', { error })).to.have.nested.property('error.cause.message', 'inner');
  });

  it('survives what JSON cannot say', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const hostile = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    for (const field of [circle, hostile, 10n, Symbol('s'), () => 1]) {
      expect(() => json('x', { field })).not.to.throw();
      expect(() => human('x', { field })).not.to.throw();
    }
  });
});
