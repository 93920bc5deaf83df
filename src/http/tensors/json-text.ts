// What the readers of JSON share: its signs, and words for what was found.
export const SIGN = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  open: 0x5b,
  backslash: 0x5c,
  close: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

export const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

export const startsNumber = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= SIGN.zero && byte <= SIGN.nine) || byte === SIGN.minus);

const SHOWN = 24;

/** The next few characters, as they can stand in a message. */
export function foundAt(bytes: Buffer, at: number): string {
  const byte = bytes[at];
  if (byte === undefined) return 'the end of the body';
  if (byte === SIGN.open) return 'an array';
  if (byte === SIGN.openObject) return 'an object';
  const text = bytes.toString('utf8', at, Math.min(bytes.length, at + SHOWN));
  if (byte === SIGN.quote) return `the text ${JSON.stringify(/^"([^"]*)/.exec(text)?.[1] ?? '')}`;
  const word = /^[\w.+-]+/.exec(text)?.[0] ?? text.slice(0, 1);
  return /^[\w.+-]/.test(word) ? word : JSON.stringify(word);
}

const LONGEST_NAME = 60;

/** The name of a member as it is, where it can stand so in a path and in a log line. */
export const nameText = (name: string): string =>
  /^[\w-]{1,60}$/.test(name) ? name : JSON.stringify(name.slice(0, LONGEST_NAME));
