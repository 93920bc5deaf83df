// Undoes the filters of PNG's rows (PNG specification, third edition, section 9).

/** One row; the next is read into the same object, as hundreds of them would be garbage. */
interface Row {
  readonly filtered: Uint8Array;
  /** Where it begins there, behind the byte that names its filter. */
  from: number;
  readonly plain: Uint8Array;
  /** Where it begins there, and how long it is: the row above lies before it, but for the first, above which all is zero. */
  start: number;
  readonly length: number;
  /** Distance to the pixel on the left. */
  readonly pixel: number;
}

function none({ filtered, from, plain, start, length }: Row): void {
  for (let at = 0; at < length; at += 1) plain[start + at] = filtered[from + at] ?? 0;
}

function sub({ filtered, from, plain, start, length, pixel }: Row): void {
  for (let at = 0; at < length; at += 1) {
    const left = at < pixel ? 0 : (plain[start + at - pixel] ?? 0);
    plain[start + at] = (filtered[from + at] ?? 0) + left;
  }
}

function up(row: Row): void {
  const { filtered, from, plain, start, length } = row;
  if (start === 0) none(row);
  else {
    for (let at = 0; at < length; at += 1)
      plain[start + at] = (filtered[from + at] ?? 0) + (plain[start + at - length] ?? 0);
  }
}

function average({ filtered, from, plain, start, length, pixel }: Row): void {
  for (let at = 0; at < length; at += 1) {
    const left = at < pixel ? 0 : (plain[start + at - pixel] ?? 0);
    const above = start === 0 ? 0 : (plain[start + at - length] ?? 0);
    plain[start + at] = (filtered[from + at] ?? 0) + ((left + above) >> 1);
  }
}

function paeth(row: Row): void {
  const { filtered, from, plain, start, length, pixel } = row;
  // Above the first row and beside the first pixel all is zero: what is left is plain addition.
  if (start === 0) {
    sub(row);
    return;
  }
  for (let at = 0; at < pixel; at += 1)
    plain[start + at] = (filtered[from + at] ?? 0) + (plain[start + at - length] ?? 0);
  for (let at = pixel; at < length; at += 1) {
    const left = plain[start + at - pixel] ?? 0;
    const above = plain[start + at - length] ?? 0;
    const corner = plain[start + at - length - pixel] ?? 0;
    const toLeft = Math.abs(above - corner);
    const toAbove = Math.abs(left - corner);
    const toCorner = Math.abs(left + above - 2 * corner);
    const nearest = toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    plain[start + at] = (filtered[from + at] ?? 0) + nearest;
  }
}

const FILTERS: readonly ((row: Row) => void)[] = [none, sub, up, average, paeth];

/** `filtered` has rows of one byte for the filter and `length` for pixels. Undefined where a filter does not exist. */
export function unfilter(
  filtered: Uint8Array,
  rows: number,
  length: number,
  pixel: number,
): Uint8Array | undefined {
  // Every byte is written. Small ones share memory: what each has of its own is freed while the garbage collector pauses.
  const plain = Buffer.allocUnsafe(rows * length);
  const row: Row = { filtered, from: 1, plain, start: 0, length, pixel };
  for (; row.start < plain.length; row.start += length, row.from += length + 1) {
    const undo = FILTERS[filtered[row.from - 1] ?? 0];
    if (undo === undefined) return undefined;
    undo(row);
  }
  return plain;
}
