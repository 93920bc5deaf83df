// h5serve inspect: what a checkpoint holds, and every reason that it could not be served.
import { stat } from 'node:fs/promises';
import { loadConfig } from '../config/load.js';
import { sourceFiles } from '../convert/checkpoint-kind.js';
import { runInThread } from '../convert/conversion-thread.js';
import { AppError } from '../errors/app-error.js';
import type { Command } from './command.js';
import { describeInspection, servedBytes } from './inspection-text.js';
import { parseOptions } from './parse-options.js';

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Show the layers of a checkpoint, and whether it can be served',
  usage: `Usage: h5serve inspect CHECKPOINT [--architecture FILE.json] [--json]

Prints the layers with their output shapes and parameters, inputs and outputs, the preprocessing found in the model,
and the memory it takes when served. If it cannot be served, every reason is told and not only the first.

Options:
  --architecture FILE  the JSON of model.to_json(), for a checkpoint that holds weights only
  --json               print all of it as JSON

Exit code 1 when the model cannot be served.`,
  async run(args) {
    const { positionals, values } = parseOptions('inspect', args, {
      architecture: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const [checkpoint, ...others] = positionals;
    if (checkpoint === undefined || others.length > 0) {
      throw new AppError('usage', 'inspect: one CHECKPOINT is needed', {
        remedy: 'See `h5serve inspect --help`.',
      });
    }
    const { architecture, json } = values;
    const maxParameters = (loadConfig().MAX_MODEL_MB * 1_000_000) / 4;
    const inspection = await runInThread({
      kind: 'inspect',
      options: { checkpoint, maxParameters, ...(architecture === undefined ? {} : { architecture }) },
    });
    const files = await Promise.all((await sourceFiles(checkpoint)).map((file) => stat(file)));
    const size = files.reduce((sum, file) => sum + file.size, 0);
    console.log(
      json
        ? JSON.stringify(
            { file: checkpoint, fileBytes: size, servedBytes: servedBytes(inspection), ...inspection },
            null,
            2,
          )
        : describeInspection({ file: checkpoint, fileBytes: size, inspection }),
    );
    return inspection.faults.length === 0 ? 0 : 1;
  },
};
