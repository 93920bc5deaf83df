// Memory of weights that are written, for those that are read next. Memory that the system gives anew costs more than
// reading, folding and rounding what is put there.

/** One weight is written while the next is made. */
const KEPT = 2;
/** Smaller ones cost little; larger ones are few. */
const [MIN_BYTES, MAX_BYTES] = [64 * 1024, 64 * 1024 * 1024];
/** Room for most weights to come: the system gives no memory before it is written to. */
const USUAL_BYTES = 16 * 1024 * 1024;

const spare: ArrayBuffer[] = [];
/** Memory of others may be looked at still, such as a part of a file that was read as a whole. */
const lent = new WeakSet<ArrayBufferLike>();

/** What it holds is anyone's guess. */
export function takeBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length < MIN_BYTES || length > MAX_BYTES) return new Uint8Array(length);
  const at = spare.findIndex(({ byteLength }) => byteLength >= length);
  const [buffer = new ArrayBuffer(Math.max(length, USUAL_BYTES))] = at < 0 ? [] : spare.splice(at, 1);
  lent.add(buffer);
  return new Uint8Array(buffer, 0, length);
}

/** By whoever will not look at it again. What does not come from here is left alone. */
export function giveBack({ buffer }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer) || !lent.delete(buffer)) return;
  spare.push(buffer);
  spare.sort((a, b) => a.byteLength - b.byteLength);
  // The smallest goes.
  if (spare.length > KEPT) spare.shift();
}
