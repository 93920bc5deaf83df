// h5serve convert: a checkpoint as a SavedModel that any TensorFlow runs.
import { loadConfig } from '../config/load.js';
import type { ConvertOptions, OutputKind, PictureSize } from '../contracts/conversion.js';
import type { Conversion } from '../contracts/artifact.js';
import { scalePresets } from '../contracts/preprocessing.js';
import { runInThread } from '../convert/conversion-thread.js';
import { AppError } from '../errors/app-error.js';
import { columns } from './columns.js';
import type { Command } from './command.js';
import { folderSize, writeFolder } from './output-folder.js';
import { size } from './inspection-text.js';
import { parseOptions } from './parse-options.js';

const SCALES = ['auto', ...scalePresets] as const;

export const convertCommand: Command = {
  name: 'convert',
  summary: 'Write a checkpoint as a SavedModel',
  usage: `Usage: h5serve convert CHECKPOINT OUT [options]

Writes OUT as a SavedModel with the weights inside, which TensorFlow, TensorFlow Serving and tfjs-node run: pixels
(uint8) in, probabilities out, signature serving_default. OUT appears whole or not at all.

Options:
  --precision float32|bfloat16   float32 unless said
  --scale ${SCALES.join('|')}
                                 how pixels 0..255 are scaled; auto takes the model's own layers, else 0..1
  --size HEIGHTxWIDTH            for models that take pictures of any size
  --output auto|probabilities|logits
                                 what the last layer gives; auto goes by its activation
  --raw                          the model's own input and output in float32, without pixels and probabilities
  --architecture FILE            the JSON of model.to_json(), for a checkpoint that holds weights only
  --force                        replace OUT if a SavedModel is there`,
  async run(args) {
    const { positionals, values } = parseOptions('convert', args, {
      precision: { type: 'string', default: 'float32' },
      scale: { type: 'string', default: 'auto' },
      size: { type: 'string' },
      output: { type: 'string', default: 'auto' },
      raw: { type: 'boolean', default: false },
      architecture: { type: 'string' },
      force: { type: 'boolean', default: false },
    });
    const [checkpoint, out, ...others] = positionals;
    if (checkpoint === undefined || out === undefined || others.length > 0) {
      throw usage('one CHECKPOINT and one folder OUT are needed');
    }
    const picture = sizeOption(values.size);
    const options: Omit<ConvertOptions, 'write'> = {
      checkpoint,
      ...(values.architecture === undefined ? {} : { architecture: values.architecture }),
      precision: choice('precision', values.precision, ['float32', 'bfloat16']),
      maxParameters: (loadConfig().MAX_MODEL_MB * 1_000_000) / 4,
      head: values.raw
        ? { kind: 'raw', size: [picture.height ?? 1, picture.width ?? 1] }
        : {
            kind: 'pictures',
            scale: choice('scale', values.scale, SCALES),
            output: choice<OutputKind>('output', values.output, ['auto', 'probabilities', 'logits']),
            size: picture,
          },
    };
    const conversion = await writeFolder(out, { force: values.force }, (folder) =>
      runInThread({ kind: 'convert', options: { ...options, write: { folder, weights: 'inside' } } }),
    );
    console.log(describe(checkpoint, out, conversion, await folderSize(out)));
    return 0;
  },
};

function describe(checkpoint: string, out: string, conversion: Conversion, bytes: number): string {
  const { inputShape, inputDtype, outputShape, totalParameters, kerasVersion, precision, notices } =
    conversion;
  const shape = (sizes: readonly (number | null)[]): string =>
    `[${sizes.map((length) => length ?? 'batch').join(', ')}]`;
  const rows = [
    [
      'from',
      `Keras ${kerasVersion ?? 'of unknown version'}, ${totalParameters.toLocaleString('en')} parameters`,
    ],
    ['input', `image: ${inputDtype} ${shape(inputShape)}`],
    ['output', `probabilities: float32 ${shape(outputShape)}`],
    ['weights', `${precision}, ${size(bytes)}`],
  ];
  return [
    `${checkpoint} → ${out}`,
    ...columns(rows, ['left', 'left']).map((line) => `  ${line}`),
    ...notices.map((notice) => `! ${notice}`),
  ].join('\n');
}

function sizeOption(written: string | undefined): Partial<PictureSize> {
  if (written === undefined) return {};
  const [, height, width] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(written) ?? [];
  if (height === undefined || width === undefined)
    throw usage(`--size: expected HEIGHTxWIDTH such as 224x224, found ${written}`);
  return { height: Number(height), width: Number(width) };
}

function choice<T extends string>(option: string, written: string, known: readonly T[]): T {
  const found = known.find((value) => value === written);
  if (found === undefined) throw usage(`--${option}: expected one of ${known.join(', ')}, found ${written}`);
  return found;
}

const usage = (detail: string): AppError =>
  new AppError('usage', `convert: ${detail}`, { remedy: 'See `h5serve convert --help`.' });
