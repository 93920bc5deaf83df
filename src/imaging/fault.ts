// Why a picture could not be decoded, in the one line that people are told.
import { pngFault } from './png/fault.js';
import type { ImageFormat } from './sniff.js';

/** Where libvips says no more than that it failed. */
const SAYS_NOTHING =
  /^(?:Input (?:file|buffer) has corrupt header:|Warning treated as error.*|Unknown error)\s*/;

export function faultOf(bytes: Uint8Array, format: ImageFormat, message: string): string {
  const lines = message.split('\n').map((line) => line.replace(SAYS_NOTHING, ''));
  const said = lines.find((line) => line !== '');
  if (said !== undefined) return said;
  return (format === 'PNG' ? pngFault(bytes) : undefined) ?? 'it is damaged';
}
