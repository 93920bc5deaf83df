// Bodies of every media type: right ones, damaged ones, and ones that are something else.
import type { Random } from './random.js';
import { hostileValue, HOSTILE_TEXTS, valueFor, type Components, type Schema } from './values.js';

export interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface Body {
  readonly type: string;
  readonly bytes: Buffer;
}

export interface BodyOptions {
  readonly random: Random;
  readonly components: Components;
  readonly pictures: readonly Buffer[];
}

export function bodyFor(type: string, media: Media, options: BodyOptions): Body {
  const { random } = options;
  const made = makers(type)(type, media, options);
  if (random.chance(0.15)) return { type: made.type, bytes: damaged(made.bytes, random) };
  if (random.chance(0.05)) return { type: random.pick(ODD_TYPES), bytes: made.bytes };
  return made;
}

const ODD_TYPES: readonly string[] = [
  'text/plain',
  'application/xml',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
  'image/',
  'x',
];

type Maker = (type: string, media: Media, options: BodyOptions) => Body;

function makers(type: string): Maker {
  if (type === 'multipart/form-data') return formBody;
  return type.includes('json') ? jsonBody : rawBody;
}

const rawBody: Maker = (type, _media, { random, pictures }) => ({
  type: type.replace('*', 'png'),
  bytes: picture(random, pictures),
});

const jsonBody: Maker = (type, media, { random, components }) => {
  const value =
    media.example !== undefined && random.chance(0.4)
      ? media.example
      : random.chance(0.1)
        ? hostileValue(random)
        : valueFor(media.schema ?? {}, components, random);
  return { type, bytes: Buffer.from(JSON.stringify(value)) };
};

const formBody: Maker = (_type, media, { random, pictures }) => {
  const boundary = `fuzz${random.below(1e9)}`;
  const known = Object.keys(media.schema?.properties ?? { file: {} });
  const parts: Buffer[] = [];
  for (let left = random.pick([0, 1, 1, 1, 1, 2, 3, 5, 25]); left > 0; left--) {
    const field = random.chance(0.9) ? random.pick(known) : random.pick(HOSTILE_TEXTS);
    const name = random.chance(0.9) ? 'picture.png' : random.pick(HOSTILE_TEXTS);
    const file = random.chance(0.9) ? `; filename="${name}"` : '';
    parts.push(
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field}"${file}\r\n\r\n`),
      picture(random, pictures),
      Buffer.from('\r\n'),
    );
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(parts) };
};

const picture = (random: Random, pictures: readonly Buffer[]): Buffer =>
  random.chance(0.7)
    ? random.pick(pictures)
    : random.pick<() => Buffer>([
        () => Buffer.alloc(0),
        () => random.bytes(random.below(300)),
        () => damaged(random.pick(pictures), random),
      ])();

function damaged(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  if (random.chance(0.4)) return bytes.subarray(0, random.below(bytes.length));
  const copy = Buffer.from(bytes);
  for (let left = 1 + random.below(8); left > 0; left--) copy[random.below(copy.length)] = random.below(256);
  return copy;
}
