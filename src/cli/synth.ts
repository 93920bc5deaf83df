// h5serve synth: a checkpoint for trials and tests from an architecture alone.
import { loadConfig } from '../config/load.js';
import { synthesise } from '../convert/fidelity/synthesise.js';
import { AppError } from '../errors/app-error.js';
import type { Command } from './command.js';
import { parseOptions } from './parse-options.js';

export const synthCommand: Command = {
  name: 'synth',
  summary: 'Make a checkpoint with made-up weights from an architecture',
  usage: `Usage: h5serve synth ARCHITECTURE.json OUT.h5 [--gain 1]

Writes a whole-model .h5 whose weights are drawn from the layers' names, batch norm statistics too: the same
everywhere, and the same that scripts/python/reference/synthetic_weights.py draws. ARCHITECTURE.json is what
model.to_json() gives, or a file of test/fixtures (gzipped or not). --gain scales the kernels.`,
  async run(args) {
    const { positionals, values } = parseOptions('synth', args, { gain: { type: 'string' } });
    const [source, target, ...others] = positionals;
    if (source === undefined || target === undefined || others.length > 0) {
      throw new AppError('usage', 'synth: ARCHITECTURE.json and OUT.h5 are needed');
    }
    const gain = values.gain === undefined ? undefined : Number(values.gain);
    if (gain !== undefined && !Number.isFinite(gain)) {
      throw new AppError('usage', `synth: --gain: expected a number, found ${values.gain ?? ''}`);
    }
    const { parameters, layers } = await synthesise({
      source,
      target,
      ...(gain === undefined ? {} : { gain }),
      maxParameters: (loadConfig().MAX_MODEL_MB * 1_000_000) / 4,
    });
    console.log(`${target}: ${layers} layers, ${parameters.toLocaleString('en')} parameters`);
    return 0;
  },
};
