// Settings whose text has a form of its own.
import { isIP } from 'node:net';
import * as z from 'zod';

const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** As people write them: a blank is not 0, nor 0x10 sixteen. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const number = (expected: string, fits: (value: number) => boolean) =>
  z.string().trim().regex(DECIMAL, expected).transform(Number).refine(fits, expected);

export const integer = (min: number, max: number) =>
  number(
    `expected a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && value >= min && value <= max,
  );

export const positive = (max: number) =>
  number(`expected a number above 0, of at most ${max}`, (value) => value > 0 && value <= max);

export const zeroOrMore = (max: number) =>
  number(`expected a number from 0 to ${max}`, (value) => value >= 0 && value <= max);

/** Names that Express knows: https://expressjs.com/en/guide/behind-proxies.html */
const PROXY_NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** Never `true`: whoever sends the header could then choose the address that limits and logs go by. */
export const trustedProxies = z
  .string()
  .trim()
  .transform((value, context): number | string[] => {
    if (/^\d{1,2}$/.test(value)) return Number(value);
    const items = list(value);
    if (items.length === 0 || !items.every((item) => PROXY_NAMES.has(item) || isNetwork(item))) {
      context.addIssue({
        code: 'custom',
        message:
          'expected a number of proxies, or addresses and subnets with commas between (loopback, 10.0.0.0/8)',
      });
    }
    return [...items];
  })
  .optional();

const isOrigin = (text: string): boolean => {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
};

export const corsOrigins = z
  .string()
  .trim()
  .transform((value, context): '*' | readonly string[] => {
    if (value === '*') return value;
    const items = list(value);
    const wrong = items.find((item) => !isOrigin(item));
    if (wrong !== undefined || items.length === 0) {
      context.addIssue({
        code: 'custom',
        message: 'expected * or origins with commas between, such as https://app.example.com, without a path',
      });
    }
    return items;
  })
  .optional();

export const webAddress = (...schemes: readonly string[]) =>
  z
    .string()
    .trim()
    .refine(
      (text) => {
        const scheme = /^([a-z]+):\/\/[^/]/.exec(text)?.[1];
        return scheme !== undefined && schemes.includes(scheme) && URL.canParse(text);
      },
      `expected a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    );

/** `role:name:sha256` with commas between; the access room reads each entry and says what is wrong with it. */
export const apiKeyEntries = z.string().trim().transform(list).optional();
