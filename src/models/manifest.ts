// manifest.json: what a checkpoint does not say of itself. Strict, so that a typo is a message and not a surprise.
import * as z from 'zod';
import { scalePresets, type Scale } from '../contracts/preprocessing.js';
import { AppError } from '../errors/app-error.js';
import { nearest } from '../errors/nearest.js';

const perChannel = z.union([z.number(), z.array(z.number()).min(1).max(4)]);
const positivePerChannel = z.union([z.number().positive(), z.array(z.number().positive()).min(1).max(4)]);
const pixelCount = z.number().int().min(1).max(8192);

const scaleSchema: z.ZodType<Scale | 'auto'> = z.union([
  z.enum(['auto', ...scalePresets]),
  z.strictObject({ mean: perChannel, std: positivePerChannel }),
]);

const inputSchema = z.strictObject({
  color: z
    .enum(['auto', 'grayscale', 'rgb', 'rgba'])
    .default('auto')
    .describe('What the model was trained on; auto goes by its channels.'),
  size: z
    .tuple([pixelCount, pixelCount])
    .optional()
    .describe('Height and width, for models that take any size.'),
  resize: z
    .strictObject({
      fit: z.enum(['fill', 'cover', 'contain']).default('fill').describe('Stretch, crop the middle, or pad.'),
      kernel: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']).default('bilinear'),
    })
    .prefault({}),
  scale: scaleSchema
    .default('auto')
    .describe('How pixels 0..255 are scaled: a preset by name, or { mean, std }.'),
  invert: z
    .union([z.boolean(), z.literal('auto')])
    .default(false)
    .describe('Turn dark on light into light on dark; auto goes by the border.'),
  background: z
    .number()
    .int()
    .min(0)
    .max(255)
    .default(255)
    .describe('What shows through transparent pixels: 0 black to 255 white.'),
});

const graphSchema = z.strictObject({
  input: z
    .string()
    .min(1)
    .optional()
    .describe('Key of the signature, or name of a tensor such as "input:0".'),
  output: z.string().min(1).optional().describe('The same, for the scores of the classes.'),
  classes: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('How many there are, where the graph leaves it open.'),
});

export const manifestSchema = z.strictObject({
  title: z.string().min(1).optional(),
  task: z.literal('classification').default('classification'),
  checkpoint: z
    .string()
    .regex(/^[^/\\]+$/, 'a file name without folders')
    .optional()
    .describe('Which file, where the folder holds several.'),
  architecture: z
    .string()
    .regex(/^[^/\\]+$/, 'a file name without folders')
    .optional()
    .describe(
      "The JSON of model.to_json(), where the checkpoint holds weights only; found by itself if it is the folder's only one.",
    ),
  input: inputSchema.prefault({}),
  output: z
    .enum(['auto', 'probabilities', 'logits'])
    .default('auto')
    .describe('What the last layer gives; auto goes by its activation.'),
  output_layer: z.string().optional().describe('Which output, where the model has several.'),
  signature: z.string().min(1).optional().describe('Which signature of a SavedModel that has several.'),
  graph: graphSchema
    .optional()
    .describe('Where a TensorFlow graph is entered and left, where it does not say so itself.'),
  labels: z
    .union([z.string().regex(/^[^/\\]+$/, 'a file name without folders'), z.array(z.string().min(1)).min(1)])
    .optional(),
  top_k: z.number().int().min(1).max(1000).default(3),
  precision: z.enum(['auto', 'float32', 'bfloat16']).default('auto'),
  batch: z
    .strictObject({
      max_size: z.number().int().min(1).max(256).default(32),
      max_delay_ms: z.number().min(0).max(1000).default(2),
    })
    .prefault({}),
  metrics: z
    .looseObject({
      accuracy: z.number().min(0).max(1).optional(),
      per_class: z
        .string()
        .regex(/^[^/\\]+$/, 'a file name without folders')
        .optional()
        .describe('A file with the classes’ shares and figures on the test pictures.'),
      class_shares: z
        .record(z.string(), z.number().min(0))
        .optional()
        .describe('The classes’ shares alone, by label.'),
    })
    .prefault({}),
  license: z.string().optional(),
});

export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

/** Keys that other programs' manifests have as well. */
const COMMON = ['title', 'license'];
/** That are compared with ours. */
const MOST_KEYS = 100;

/** Whether it is meant for us: an object that has one of our keys, or most of whose keys are nearly ours. */
export function looksLikeManifest(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return true;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const [keys, ours] = [Object.keys(value).slice(0, MOST_KEYS), knownKeys([])];
  if (keys.length === 0 || keys.some((key) => ours.includes(key) && !COMMON.includes(key))) return true;
  const nearlyOurs = keys.filter((key) => nearest(key, ours) !== undefined);
  return nearlyOurs.length > keys.length / 2;
}

export function parseManifest(text: string, file: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError(
      'manifest_invalid',
      `${file}: not JSON: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    );
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => describeIssue(issue, value));
  throw new AppError('manifest_invalid', `${file}:\n${faults.join('\n')}`);
}

/** Letters of what is wrong. */
const MOST_SHOWN = 120;

function describeIssue(issue: z.core.$ZodIssue, root: unknown): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const guess = nearest(key, known);
      const where = [...issue.path, key].join('.');
      return `${where}: no such key${guess === undefined ? `; known are ${known.join(', ')}` : `; did you mean "${guess}"?`}`;
    });
  }
  const found = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    root,
  );
  const shown = found === undefined ? 'nothing' : JSON.stringify(found);
  const short = shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)} …` : shown;
  return [`${issue.path.join('.')}: ${issue.message}; found ${short}`];
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const [outer, inner] = path;
  if (outer === undefined) return Object.keys(manifestSchema.shape);
  if (outer === 'input') return inner === 'resize' ? ['fit', 'kernel'] : Object.keys(inputSchema.shape);
  if (outer === 'graph') return Object.keys(graphSchema.shape);
  return outer === 'batch' ? ['max_size', 'max_delay_ms'] : [];
}
