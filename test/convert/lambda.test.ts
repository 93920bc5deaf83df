// Lambdas that only scale are read as the Rescaling they are; every other one is refused, and none is run.
import { expect } from 'chai';
import { affineOf } from '../../src/convert/keras/lambda/affine-code.js';
import { readLayer } from '../../src/convert/keras/read-architecture.js';
import { legacyH5, smallKeras, denseConfig, smallH5 } from '../helpers/keras-files.js';
import { nativeOutput } from '../helpers/native-run.js';
import { refused } from '../helpers/refused.js';

/** marshal.dumps((lambda x: (-x / 255.0 + 0.25) * 2).__code__), in base64, by each version of Python. */
const BY_VERSION: Readonly<Record<string, string>> = {
  '2.7':
    'YwEAAAABAAAAAgAAAEMAAABzEQAAAHwAAAtkAQAVZAIAF2QDABRTKAQAAABOZwAAAAAA4G9AZwAAAAAAANA/aQIAAAAoAAAAACgBAAAAdAEAAAB4KAAAAAAoAAAAAHMHAAAAPHN0ZGluPnQIAAAAPGxhbWJkYT4CAAAAdAAAAAA=',
  '3.6':
    '4wEAAAAAAAAAAQAAAAIAAABDAAAAcxIAAAB8AAsAZAEbAGQCFwBkAxQAUwApBE7nAAAAAADgb0DnAAAAAAAA0D/pAgAAAKkAKQHaAXhyBAAAAHIEAAAA+gc8c3RkaW4+2gg8bGFtYmRhPgIAAABzAAAAAA==',
  '3.8':
    '4wEAAAAAAAAAAAAAAAEAAAACAAAAQwAAAHMSAAAAfAALAGQBGwBkAhcAZAMUAFMAKQRO5wAAAAAA4G9A5wAAAAAAANA/6QIAAACpAKkB2gF4cgQAAAByBAAAAPoHPHN0ZGluPtoIPGxhbWJkYT4CAAAA8wAAAAA=',
  '3.10':
    '4wEAAAAAAAAAAAAAAAEAAAACAAAAQwAAAHMSAAAAfAALAGQBGwBkAhcAZAMUAFMAKQRO5wAAAAAA4G9A5wAAAAAAANA/6QIAAACpAKkB2gF4cgQAAAByBAAAAPoHPHN0ZGluPtoIPGxhbWJkYT4CAAAAcwIAAAASAA==',
  '3.11':
    '4wEAAAAAAAAAAAAAAAIAAAADAAAA8xoAAACXAHwACwBkAXoLAABkAnoAAABkA3oFAABTACkETucAAAAAAOBvQOcAAAAAAADQP+kCAAAAqQCpAdoBeHMBAAAAIPoHPHN0ZGluPvoIPGxhbWJkYT5yCQAAAAIAAABzFgAAAIAAiGGIUpAliVqYJNENHqAh0QwjgADzAAAAAA==',
  '3.12':
    '4wEAAAAAAAAAAAAAAAIAAAADAAAA8xoAAACXAHwACwBkAXoLAABkAnoAAABkA3oFAABTACkETucAAAAAAOBvQOcAAAAAAADQP+kCAAAAqQCpAdoBeHMBAAAAIPoHPHN0ZGluPvoIPGxhbWJkYT5yCQAAAAIAAABzFgAAAIAAiGGIUpAliVqYJNENHqAh0QwjgADzAAAAAA==',
  '3.13':
    '4wEAAAAAAAAAAAAAAAIAAAADAAAA8xoAAACVAFUAKgBTAS0LAABTAi0AAABTAy0FAAAkACkETucAAAAAAOBvQOcAAAAAAADQP+kCAAAAqQCpAdoBeHMBAAAAINoHPHN0ZGluPtoIPGxhbWJkYT5yCQAAAAIAAABzFAAAAIAAiGGIUpAliVqYJNENHqAh0gwj8wAAAAA=',
};
const SCALE = -2 / 255;
const OFFSET = 0.5;
const [CODE = ''] = Object.values(BY_VERSION);

const withFirst = (first: object): object => {
  const { config, ...rest } = denseConfig();
  const [input, ...others] = config.layers;
  return { ...rest, config: { ...config, layers: [input, first, ...others] } };
};
const lambda = (config: object): object => ({ class_name: 'Lambda', config: { name: 'scale', ...config } });
const rescaling = { class_name: 'Rescaling', config: { name: 'scale', scale: SCALE, offset: OFFSET } };
const classOf = (config: object): string => readLayer(lambda(config), 0).className;

describe('a Lambda that only scales', () => {
  for (const [version, code] of Object.entries(BY_VERSION)) {
    it(`is read as Python ${version} compiled it`, () => {
      const affine = affineOf(Buffer.from(code, 'base64'));
      expect(affine?.scale).to.be.closeTo(SCALE, 1e-15);
      expect(affine?.offset).to.be.closeTo(OFFSET, 1e-15);
    });
  }

  it('is served as a Rescaling, as each generation of Keras wrote it', async () => {
    const bytes = Buffer.from(CODE, 'base64').toString('latin1');
    const expected = [...(await nativeOutput({ content: await smallH5(withFirst(rescaling)) }))];
    for (const written of [
      [bytes, null, null],
      [CODE, null, null],
    ]) {
      const config = withFirst(lambda({ function: written, function_type: 'lambda', arguments: {} }));
      expect([...(await nativeOutput({ content: await smallH5(config) }))]).to.deep.equal(expected);
    }
    const modern = { class_name: '__lambda__', config: { code: CODE, defaults: null, closure: null } };
    const keras3 = await smallKeras(withFirst(lambda({ function: modern })));
    expect([...(await nativeOutput({ content: keras3 }))]).to.deep.equal(expected);
  });

  it('is none where the function needs more than its argument', () => {
    expect(classOf({ function: [CODE, null, null] })).to.equal('Rescaling');
    expect(classOf({ function: [CODE, [1], null] })).to.equal('Lambda');
    expect(classOf({ function: [CODE, null, [1]] })).to.equal('Lambda');
    expect(classOf({ function: [CODE, null, null], arguments: { y: 1 } })).to.equal('Lambda');
    expect(classOf({ function: 'relu', function_type: 'function' })).to.equal('Lambda');
  });

  it('is none where anything but arithmetic with numbers is done', async () => {
    // lambda x: x * x, lambda x: x[0], lambda x: 1 / x, lambda x: 3.0: Python 3.8.
    const others = [
      'YwEAAAAAAAAAAAAAAAEAAAACAAAAQwAAAPMIAAAAfAB8ABQAUwCpAU6pAKkB2gF4cgIAAAByAgAAANoA2gg8bGFtYmRhPgIAAADzAAAAAA==',
      'YwEAAAAAAAAAAAAAAAEAAAACAAAAQwAAAPMIAAAAfABkARkAUwCpAk7pAAAAAKkAqQHaAXhyAwAAAHIDAAAA2gDaCDxsYW1iZGE+AgAAAPMAAAAA',
      'YwEAAAAAAAAAAAAAAAEAAAACAAAAQwAAAPMIAAAAZAF8ABsAUwCpAk7pAQAAAKkAqQHaAXhyAwAAAHIDAAAA2gDaCDxsYW1iZGE+AgAAAPMAAAAA',
      'YwEAAAAAAAAAAAAAAAEAAAABAAAAQwAAAPMEAAAAZAFTAKkCTucAAAAAAAAIQKkAqQHaAXhyAwAAAHIDAAAA2gDaCDxsYW1iZGE+AgAAAPMAAAAA',
    ];
    for (const code of others) expect(classOf({ function: [code, null, null] }), code).to.equal('Lambda');
    const config = withFirst(lambda({ function: [others[0], null, null] }));
    const { detail } = await refused(nativeOutput({ content: await smallH5(config) }), 'layer_unsupported');
    expect(detail).to.match(/layer "scale" \(Lambda\).*never run/);
  });

  it('survives bytes that are damaged, or meant to take long', () => {
    const good = Buffer.from(CODE, 'base64');
    for (let at = 0; at < good.length; at++) {
      affineOf(good.subarray(0, at));
      for (const value of [0, 0x7f, 0xff]) {
        const changed = Buffer.from(good);
        changed[at] = value;
        affineOf(changed);
      }
    }
    // A tuple in a tuple in a tuple, and one of two thousand million items.
    expect(affineOf(Buffer.from(')\u0001'.repeat(100_000), 'latin1'))).to.equal(undefined);
    expect(affineOf(Buffer.from('(\u00ff\u00ff\u00ff\u007fN', 'latin1'))).to.equal(undefined);
  });
});

describe('the Lambda of Inception-ResNet', () => {
  const model = (sum: object): Promise<Buffer> =>
    legacyH5({
      config: {
        class_name: 'Model',
        config: {
          name: 'm',
          layers: [
            {
              class_name: 'InputLayer',
              name: 'x',
              config: { name: 'x', batch_input_shape: [null, 3] },
              inbound_nodes: [],
            },
            {
              class_name: 'Activation',
              name: 'y',
              config: { name: 'y', activation: 'tanh' },
              inbound_nodes: [[['x', 0, 0, {}]]],
            },
            {
              ...sum,
              name: 'block17_3',
              inbound_nodes: [
                [
                  ['x', 0, 0, {}],
                  ['y', 0, 0, {}],
                ],
              ],
            },
          ],
          input_layers: [['x', 0, 0]],
          output_layers: [['block17_3', 0, 0]],
        },
      },
      weights: {},
    });

  it('is the sum that its name and its scale say', async () => {
    const written = { name: 'block17_3', function: ['4wEAAAA', null, null], arguments: { scale: 0.17 } };
    const input = [0, 1, 2].map((at) => Math.sin(at * 1.7));
    const output = await nativeOutput({ content: await model({ class_name: 'Lambda', config: written }) });
    input.forEach((value, at) => expect(output[at]).to.be.closeTo(value + 0.17 * Math.tanh(value), 1e-6));
  });

  it('is refused under another name', async () => {
    const other = { name: 'block17_3', function: ['4wEAAAA', null, null], arguments: { factor: 0.17 } };
    await refused(
      nativeOutput({ content: await model({ class_name: 'Lambda', config: other }) }),
      'layer_unsupported',
    );
  });
});
