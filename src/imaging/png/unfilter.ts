// Undoes the filters of PNG's rows (PNG specification, third edition, section 9), in place.

type Unfilter = (row: Row) => void;

interface Row {
  readonly data: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Distance to the pixel on the left. */
  readonly pixel: number;
  /** Where the row above begins; negative for the first row, above which all is zero. */
  readonly above: number;
}

const up = ({ data, start, end, above }: Row): void => {
  if (above < 0) return;
  for (let at = start, over = above; at < end; at += 1, over += 1)
    data[at] = (data[at] ?? 0) + (data[over] ?? 0);
};

const UNFILTER: readonly Unfilter[] = [
  () => undefined,
  ({ data, start, end, pixel }) => {
    for (let at = start + pixel; at < end; at += 1) data[at] = (data[at] ?? 0) + (data[at - pixel] ?? 0);
  },
  up,
  ({ data, start, end, pixel, above }) => {
    for (let at = start; at < end; at += 1) {
      const left = at - pixel < start ? 0 : (data[at - pixel] ?? 0);
      const over = above < 0 ? 0 : (data[above + at - start] ?? 0);
      data[at] = (data[at] ?? 0) + ((left + over) >> 1);
    }
  },
  ({ data, start, end, pixel, above }) => {
    for (let at = start; at < end; at += 1) {
      const isFirst = at - pixel < start;
      const left = isFirst ? 0 : (data[at - pixel] ?? 0);
      const over = above < 0 ? 0 : (data[above + at - start] ?? 0);
      const corner = isFirst || above < 0 ? 0 : (data[above + at - start - pixel] ?? 0);
      data[at] = (data[at] ?? 0) + paeth(left, over, corner);
    }
  },
];

const paeth = (left: number, over: number, corner: number): number => {
  const estimate = left + over - corner;
  const toLeft = Math.abs(estimate - left);
  const toOver = Math.abs(estimate - over);
  const toCorner = Math.abs(estimate - corner);
  if (toLeft <= toOver && toLeft <= toCorner) return left;
  return toOver <= toCorner ? over : corner;
};

/** `rows` of one byte for the filter and `rowLength` for pixels. False where a filter does not exist. */
export function unfilter(data: Uint8Array, rows: number, rowLength: number, pixel: number): boolean {
  for (let row = 0; row < rows; row += 1) {
    const start = row * (rowLength + 1) + 1;
    const undo = UNFILTER[data[start - 1] ?? 0];
    if (undo === undefined) return false;
    undo({ data, start, end: start + rowLength, pixel, above: row === 0 ? -1 : start - rowLength - 1 });
  }
  return true;
}
