// What our own addon does for pictures (src/native/own).

/**
 * Decodes a JPEG and resizes it into `result`, on another thread. `picture`: width, height, channels (1 or 3), as the header
 * says them. `across` and `down`: how many outputs, how many taps, then the tables of imaging/resample/coefficients.ts. All
 * must stay as they are meanwhile. False for whatever is not exactly as said, damage too.
 */
export type ShrinkJpeg = (
  bytes: Uint8Array,
  picture: Int32Array,
  across: Int32Array,
  down: Int32Array,
  result: Uint8Array,
) => Promise<boolean>;

/**
 * Whether zlib's `data` is sound and holds exactly as many bytes as `rows`, which has them then. Never writes more. Undefined
 * where the addon does not reach Node's zlib.
 */
export type InflateRows = (data: Uint8Array, rows: Uint8Array) => boolean | undefined;

export interface NativeDecoders {
  readonly shrinkJpeg: ShrinkJpeg;
  readonly inflateRows: InflateRows;
}
