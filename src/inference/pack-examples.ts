// Several examples in one exact buffer, to be transferred to a worker.
import type { Taken } from './request-queue.js';
import type { Example } from './ticket.js';

export type Packed = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** A single example that owns its buffer goes as it is. */
export function packExamples(batch: readonly Taken[], exampleSize: number): Packed {
  const [first] = batch;
  const alone = batch.length === 1 ? first?.ticket.examples[first.at] : undefined;
  if (alone !== undefined && ownsBuffer(alone)) return alone;
  const length = batch.length * exampleSize;
  const packed = first?.ticket.floats === true ? new Float32Array(length) : new Uint8Array(length);
  batch.forEach(({ ticket, at }, index) => packed.set(ticket.examples[at] ?? [], index * exampleSize));
  return packed;
}

const ownsBuffer = (example: Example): example is Packed =>
  example.buffer instanceof ArrayBuffer && example.byteLength === example.buffer.byteLength;
