import { expect } from 'chai';
import { applyInvert, borderBrightness, frameShade } from '../../src/imaging/invert.js';

const square = (side: number, border: number, inside: number): Uint8Array =>
  Uint8Array.from({ length: side * side }, (_, at) => {
    const [row, column] = [Math.floor(at / side), at % side];
    const isBorder = row === 0 || column === 0 || row === side - 1 || column === side - 1;
    return isBorder ? border : inside;
  });

const GREY = { height: 5, width: 5, channels: 1 } as const;

describe('applyInvert', () => {
  it('turns dark ink on bright paper into bright on dark when left to decide', () => {
    const pixels = square(5, 250, 10);
    applyInvert(pixels, GREY, 'auto');
    expect(pixels).to.deep.equal(square(5, 5, 245));
  });

  it('leaves bright on dark alone when left to decide', () => {
    const pixels = square(5, 0, 255);
    applyInvert(pixels, GREY, 'auto');
    expect(pixels).to.deep.equal(square(5, 0, 255));
  });

  it('draws the line above 127', () => {
    for (const [border, expected] of [
      [127, 127],
      [128, 127],
    ] as const) {
      const pixels = square(5, border, 0);
      applyInvert(pixels, GREY, 'auto');
      expect(pixels[0]).to.equal(expected);
    }
  });

  it('obeys true and false whatever the border', () => {
    const dark = square(5, 0, 200);
    applyInvert(dark, GREY, true);
    expect(dark).to.deep.equal(square(5, 255, 55));
    const bright = square(5, 255, 0);
    applyInvert(bright, GREY, false);
    expect(bright).to.deep.equal(square(5, 255, 0));
  });

  it('keeps opacity as it is', () => {
    const pixels = Uint8Array.of(10, 20, 30, 40);
    applyInvert(pixels, { height: 1, width: 1, channels: 4 }, true);
    expect(Array.from(pixels)).to.deep.equal([245, 235, 225, 40]);
  });
});

describe('borderBrightness', () => {
  it('weighs each border pixel once and none inside', () => {
    // Three rows of four; the two pixels inside are white.
    const pixels = Uint8Array.of(1, 2, 4, 8, 16, 255, 255, 32, 64, 128, 200, 245);
    const sum = 1 + 2 + 4 + 8 + 16 + 32 + 64 + 128 + 200 + 245;
    expect(borderBrightness(pixels, { height: 3, width: 4, channels: 1 })).to.equal(sum / 10);
  });

  it('takes a picture of one row or one pixel as all border', () => {
    expect(borderBrightness(Uint8Array.of(0, 100, 200), { height: 1, width: 3, channels: 1 })).to.equal(100);
    expect(borderBrightness(Uint8Array.of(90), { height: 1, width: 1, channels: 1 })).to.equal(90);
  });

  it('sees colour by its brightness', () => {
    expect(borderBrightness(Uint8Array.of(255, 0, 0), { height: 1, width: 1, channels: 3 })).to.equal(76);
  });
});

describe('frameShade', () => {
  it('is the background, inverted as the picture is', () => {
    expect([frameShade(255, false), frameShade(255, true), frameShade(10, true)]).to.deep.equal([
      255, 0, 245,
    ]);
  });

  it('is dark when left to decide', () => {
    expect([frameShade(255, 'auto'), frameShade(0, 'auto'), frameShade(128, 'auto')]).to.deep.equal([
      0, 0, 127,
    ]);
  });
});
