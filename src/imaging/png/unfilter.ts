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

const addLeft = ({ data, start, end, pixel }: Row): void => {
  for (let at = start + pixel; at < end; at += 1) data[at] = (data[at] ?? 0) + (data[at - pixel] ?? 0);
};

/** All but the first pixel of all but the first row. */
function paethRow({ data, start, end, pixel, above }: Row): void {
  for (let at = start + pixel, over = above + pixel; at < end; at += 1, over += 1) {
    const left = data[at - pixel] ?? 0;
    const up = data[over] ?? 0;
    const corner = data[over - pixel] ?? 0;
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    data[at] = (data[at] ?? 0) + nearest;
  }
}

const UNFILTER: readonly Unfilter[] = [
  () => undefined,
  addLeft,
  up,
  ({ data, start, end, pixel, above }) => {
    for (let at = start; at < end; at += 1) {
      const left = at - pixel < start ? 0 : (data[at - pixel] ?? 0);
      const over = above < 0 ? 0 : (data[above + at - start] ?? 0);
      data[at] = (data[at] ?? 0) + ((left + over) >> 1);
    }
  },
  (row) => {
    const { data, start, pixel, above } = row;
    // Beside the first pixel and above the first row all is zero: what is left is plain addition.
    if (above < 0) addLeft(row);
    else {
      for (let at = 0; at < pixel; at += 1)
        data[start + at] = (data[start + at] ?? 0) + (data[above + at] ?? 0);
      paethRow(row);
    }
  },
];

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
