// Float32 as JSON: as few digits as lead back to the same number, and a point in each, so that typed clients read all
// as decimals.
import type { Slices } from './turns.js';

export function floatText(value: number): string {
  const short = Number(value.toPrecision(7));
  const text = String(Math.fround(short) === value ? short : Number(value.toPrecision(9)));
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** One text for each row: `0.1, 0.9`. */
export async function rowTexts(rows: readonly Float32Array[], slices: Slices): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const row of rows) {
    texts.push(Array.from(row, floatText).join(', '));
    await slices.pauseIfDue();
  }
  return texts;
}
