import { expect } from 'chai';
import fc from 'fast-check';
import { AppError } from '../../../src/errors/app-error.js';
import { readJson, type JsonOptions } from '../../../src/http/tensors/json-reader.js';
import { NumberTensor } from '../../../src/http/tensors/number-tensor.js';
import { Slices, Turns } from '../../../src/http/tensors/turns.js';
import { refused } from '../../helpers/refused.js';

const read = (text: string, options: Partial<JsonOptions> = {}) =>
  readJson(Buffer.from(text), {
    slices: new Slices(new Turns()),
    maxNumbers: 1_000_000,
    tooMany: () => new AppError('too_many_images', 'too many'),
    ...options,
  });

/** Numbers as any client may write them, also such as float32 has to be rounded to. */
const numberText = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -3e38, max: 3e38 })
    .map((value) => JSON.stringify(value)),
  fc.integer().map(String),
  fc
    .tuple(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.nat({ max: 40 }),
      fc.integer({ min: -40, max: 7 }),
    )
    .map(([whole, fraction, power]) => `${whole}.${fraction}e${power}`),
  fc.constantFrom('-0', '0.0', '1E5', '1e-50', '0e999', '-0.0e-999', '16777217', '0.1', '1.17549435e-38'),
);

/** Halfway between two float32, and a little beside it. */
const halfway = fc
  .tuple(
    fc.float({ noNaN: true, noDefaultInfinity: true, min: 2 ** -100, max: 2 ** 100 }),
    fc.constantFrom('', '1', '0000000001'),
  )
  .map(([value, tail]) => {
    const bits = new Uint32Array(Float32Array.of(value).buffer);
    const next = new Float32Array(Uint32Array.of((bits[0] ?? 0) + 1).buffer)[0] ?? 0;
    const text = String((value + next) / 2);
    return text.includes('e') ? text : `${text}${text.includes('.') ? '' : '.0'}${tail}`;
  });

const tensor = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return fc
    .tuple(fc.array(numberText, { minLength: size, maxLength: size }), fc.constantFrom('', ' ', '\n\t '))
    .map(([texts, space]) => ({ shape, texts, text: nestedText(texts, shape, space) }));
});

function nestedText(texts: readonly string[], [size = 1, ...rest]: readonly number[], space: string): string {
  const part = texts.length / size;
  const parts = Array.from({ length: size }, (_, at) =>
    rest.length === 0 ? texts[at] : nestedText(texts.slice(at * part, (at + 1) * part), rest, space),
  );
  return `[${space}${parts.join(`${space},${space}`)}${space}]`;
}

describe('numbers in JSON', () => {
  it('are what JSON.parse and rounding to float32 make of them, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(numberText, halfway), { minLength: 1 }), async (texts) => {
        const found = await read(`[${texts.join(',')}]`);
        expect(found).to.be.instanceOf(NumberTensor);
        const expected = Float32Array.from(texts, (text) => Number(text));
        const bits = (values: Float32Array) => [...new Uint32Array(Float32Array.from(values).buffer)];
        expect(bits((found as NumberTensor).values), texts.join(' ')).to.deep.equal(bits(expected));
      }),
      { numRuns: 2000 },
    );
  });

  it('keep their shape, however they are spaced', async () => {
    await fc.assert(
      fc.asyncProperty(tensor, async ({ shape, texts, text }) => {
        const found = (await read(`{"x": ${text} }`)) as { x: NumberTensor };
        expect(found.x.shape).to.deep.equal(shape);
        expect([...found.x.values]).to.deep.equal(texts.map((one) => Math.fround(Number(one))));
      }),
      { numRuns: 500 },
    );
  });

  it('are refused at the very place where one is missing', async () => {
    const places = tensor.filter(
      ({ shape, texts }) => shape.length > 1 && texts.length > (shape.at(-1) ?? 1),
    );
    await fc.assert(
      fc.asyncProperty(places, fc.nat(), async ({ shape, texts }, choice) => {
        const last = shape.at(-1) ?? 1;
        const missing = (choice % (texts.length - last)) + last;
        const values = texts.map((text, at) => (at === missing ? `"${text}"` : text));
        const { detail } = await refused(read(nestedText(values, shape, '')), 'invalid_tensor');
        const place = new NumberTensor(shape, new Float32Array()).indexOf(missing);
        expect(detail).to.equal(
          `${place}: expected a number, found the text "${String(texts[missing]).slice(0, 23)}"`,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('are bounded in number', async () => {
    const long = `[${'1,'.repeat(5000)}1]`;
    expect(await read(long, { maxNumbers: 5001 })).to.have.nested.property('values.length', 5001);
    await refused(read(long, { maxNumbers: 5000 }), 'too_many_images');
  });
});

describe('JSON around the numbers', () => {
  const plainJson = fc.jsonValue({ maxDepth: 4 }).filter((value) => !hasNumbersInArrays(value));

  function hasNumbersInArrays(value: unknown): boolean {
    if (Array.isArray(value))
      return value.flat(Infinity).some((one) => typeof one === 'number' || hasNumbersInArrays(one));
    return typeof value === 'object' && value !== null && Object.values(value).some(hasNumbersInArrays);
  }

  it('is what JSON.parse makes of it', async () => {
    await fc.assert(
      fc.asyncProperty(plainJson, fc.constantFrom(undefined, 2), async (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const found = await read(text);
        expect(JSON.parse(JSON.stringify(found))).to.deep.equal(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('is refused wherever JSON.parse refuses it, and never with anything but an error of ours', async () => {
    const damaged = fc
      .tuple(plainJson, fc.nat(), fc.constantFrom('', '"', '\\', '[', '}', ',', '1', ':', '\u0001', 'null'))
      .map(([value, at, sign]) => {
        const text = JSON.stringify({ a: value, b: [1, 2, [3]], c: 'x' });
        const place = at % (text.length + 1);
        return text.slice(0, place) + sign + text.slice(place + 1);
      });
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        try {
          await read(text);
          expect(valid, text).to.equal(true);
        } catch (error) {
          expect(error, text).to.be.instanceOf(AppError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('never reaches the prototype of an object', async () => {
    const found = (await read('{"__proto__": {"x": "y"}, "constructor": null}')) as Record<string, unknown>;
    expect(Object.keys(found)).to.deep.equal(['__proto__', 'constructor']);
    expect(found['x']).to.equal(undefined);
  });

  it('may hold long texts with escapes and without', async () => {
    const long = 'é/"\\\n'.repeat(2000);
    const base64 = 'QUJD'.repeat(100_000);
    expect(await read(JSON.stringify([long, base64]))).to.deep.equal([long, base64]);
    expect(await read(`["${'QUJD\\/'.repeat(1000)}"]`)).to.deep.equal(['QUJD/'.repeat(1000)]);
  });
});

describe('long bodies', () => {
  it('are read in turns: what is due meanwhile happens, and several are read side by side', async function () {
    this.timeout(60_000);
    const turns = new Turns();
    const text = `[${'0.12345678901234567,'.repeat(400_000)}1]`;
    let between = 0;
    let done = false;
    const look = (): void => {
      between += 1;
      if (!done) setImmediate(look);
    };
    setImmediate(look);
    const ended: number[] = [];
    const one = async (at: number, body: string) => {
      await read(body, { slices: new Slices(turns) });
      ended.push(at);
    };
    await Promise.all([one(0, text), one(1, text), one(2, '[1]')]);
    done = true;
    expect(ended[0]).to.equal(2);
    // Two bodies of 8 MB take several slices each, whatever the machine.
    expect(between).to.be.above(4);
  });
});
