// From colour to brightness as Pillow's convert("L") does it, because that is what models were trained on.

/** ITU-R BT.601 luma in 16-bit fixed point; equal channels come back unchanged. */
export const luma = (red: number, green: number, blue: number): number =>
  (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;

/** One byte per pixel from three. libvips would weigh linear light instead: its red is 127, Pillow's 76. */
export function toGreyscale(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel += 1, at += 3) {
    grey[pixel] = luma(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0);
  }
  return grey;
}
