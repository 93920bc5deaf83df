// A picture in memory: rows from the top, one byte per channel and pixel.

/** Grey; red, green, blue; the same and opacity, not premultiplied. */
export type Channels = 1 | 3 | 4;

export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  /** Of exactly width x height x channels bytes. */
  readonly data: Uint8Array;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of a picture in its pixels; the edges may lie between pixels. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}
