// h5serve check: is this checkpoint served as Keras would?
import { loadConfig } from '../config/load.js';
import { AppError } from '../errors/app-error.js';
import type { Command } from './command.js';
import { measureFidelity } from './fidelity.js';
import { parseOptions } from './parse-options.js';
import { setUpNative } from './set-up-native.js';

export const checkCommand: Command = {
  name: 'check',
  summary: 'Compare a checkpoint with the output that Keras gives',
  usage: `Usage: h5serve check CHECKPOINT --expected FILE.json [--tolerance 1e-5] [--precision float32]
                     [--architecture FILE.json]

Runs the model's own input and output through the serving engine and prints the largest difference.
FILE.json holds input_seed, input_shape and output; the input is
numpy.random.RandomState(input_seed).rand(1, *input_shape) as float32.

Exit code 1 when the difference is larger than the tolerance.`,
  async run(args) {
    const { positionals, values } = parseOptions('check', args, {
      expected: { type: 'string' },
      tolerance: { type: 'string', default: '1e-5' },
      precision: { type: 'string', default: 'float32' },
      architecture: { type: 'string' },
    });
    const [checkpoint, ...others] = positionals;
    const { expected, precision, architecture } = values;
    const tolerance = Number(values.tolerance);
    if (checkpoint === undefined || others.length > 0 || typeof expected !== 'string') {
      throw new AppError('usage', 'check: one CHECKPOINT and --expected FILE.json are needed');
    }
    if (!(tolerance >= 0))
      throw new AppError('usage', `check: --tolerance: expected a number, found ${values.tolerance}`);
    if (precision !== 'float32' && precision !== 'bfloat16') {
      throw new AppError('usage', `check: --precision: expected float32 or bfloat16, found ${precision}`);
    }
    await setUpNative();
    const maxParameters = (loadConfig().MAX_MODEL_MB * 1_000_000) / 4;
    const { absolute, relative, outputs, sameTop1 } = await measureFidelity({
      checkpoint,
      ...(architecture === undefined ? {} : { architecture }),
      expectedFile: expected,
      precision,
      maxParameters,
    });
    const good = absolute <= tolerance;
    console.log(
      `${good ? 'ok' : 'DIFFERS'}: largest difference ${absolute.toExponential(2)} (${relative.toExponential(2)} of the largest output), ` +
        `${outputs} outputs, ${sameTop1 ? 'same' : 'another'} top-1, tolerance ${tolerance}`,
    );
    return good ? 0 : 1;
  },
};
