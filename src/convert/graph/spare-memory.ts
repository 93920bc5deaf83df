// Memory of weights that are written, for those that are read next. Memory that the system gives anew costs more than
// reading, folding and rounding what is put there.

/** One weight is written while the next is made. */
const KEPT = 2;
/** Smaller ones cost little; larger ones are few. */
const [MIN_BYTES, MAX_BYTES] = [64 * 1024, 64 * 1024 * 1024];
/** Room for most weights to come: the system gives no memory before it is written to. */
const USUAL_BYTES = 16 * 1024 * 1024;

const spare: ArrayBuffer[] = [];

/** What it holds is anyone's guess. */
export function takeBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length < MIN_BYTES) return new Uint8Array(length);
  const at = spare.findIndex(({ byteLength }) => byteLength >= length);
  const [buffer = new ArrayBuffer(Math.max(length, USUAL_BYTES))] = at < 0 ? [] : spare.splice(at, 1);
  return new Uint8Array(buffer, 0, length);
}

/** Of somebody to whom it belongs, and who will not look at it again. */
export function giveBack({ buffer }: Uint8Array): void {
  const size = buffer.byteLength;
  if (!(buffer instanceof ArrayBuffer) || size < MIN_BYTES || size > MAX_BYTES) return;
  spare.push(buffer);
  spare.sort((a, b) => a.byteLength - b.byteLength);
  // The smallest goes.
  if (spare.length > KEPT) spare.shift();
}
