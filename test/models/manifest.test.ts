import { expect } from 'chai';
import { AppError } from '../../src/errors/app-error.js';
import { parseManifest } from '../../src/models/manifest.js';

const parse = (value: unknown) => parseManifest(JSON.stringify(value), 'manifest.json');

function detailOf(value: unknown): string {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof AppError && error.code === 'manifest_invalid') return error.detail;
    throw error;
  }
  throw new Error('the manifest was accepted');
}

describe('manifest', () => {
  it('may be empty: everything has a default', () => {
    const manifest = parse({});
    expect(manifest.input.scale).to.equal('auto');
    expect(manifest.input.resize).to.deep.equal({ fit: 'fill', kernel: 'bilinear' });
    expect(manifest.batch).to.deep.equal({ max_size: 32, max_delay_ms: 2 });
  });

  it('names a mistyped key and the one that was meant', () => {
    expect(detailOf({ lables: 'labels.txt' })).to.include('lables: no such key; did you mean "labels"?');
    expect(detailOf({ input: { colour: 'rgb' } })).to.include(
      'input.colour: no such key; did you mean "color"?',
    );
    expect(detailOf({ batch: { size: 3 } })).to.include('known are max_size, max_delay_ms');
  });

  it('reports every fault at once, with what was found', () => {
    const detail = detailOf({ top_k: 0, precision: 'float16', input: { invert: 'maybe' } });
    expect(detail).to.match(/top_k: .*found 0/);
    expect(detail).to.match(/precision: .*found "float16"/);
    expect(detail).to.match(/input\.invert: .*found "maybe"/);
  });

  it('refuses text that is not JSON', () => {
    expect(() => parseManifest('{ "top_k": 3, }', 'm.json')).to.throw(AppError, /m\.json: not JSON/);
  });

  it('takes presets by name and a mean with a deviation', () => {
    expect(parse({ input: { scale: 'caffe' } }).input.scale).to.equal('caffe');
    const scale = { mean: [1, 2, 3], std: 2 };
    expect(parse({ input: { scale } }).input.scale).to.deep.equal(scale);
    expect(detailOf({ input: { scale: { mean: 0, std: 0 } } })).to.include('input.scale');
  });

  it('takes no path for a file name', () => {
    expect(detailOf({ labels: '../../etc/passwd' })).to.include('labels');
    expect(detailOf({ checkpoint: '/etc/passwd' })).to.include('checkpoint');
  });
});
