// The bodies of TensorFlow Serving's REST API, as its api_rest.md has them.
import * as z from 'zod';
import type { JsonSchema } from '../operation.js';

const versionStatusSchema = z.object({
  version: z.string().describe('An integer as text, where the folder of the version is called by one.'),
  state: z.enum(['AVAILABLE', 'END']),
  status: z.object({ error_code: z.enum(['OK', 'FAILED_PRECONDITION']), error_message: z.string() }),
});

export const statusSchema = z
  .object({ model_version_status: z.array(versionStatusSchema) })
  .meta({ id: 'TensorFlowServingStatus' });

const tensorInfoSchema = z.object({
  dtype: z.enum(['DT_FLOAT', 'DT_STRING']),
  tensor_shape: z.object({
    dim: z.array(z.object({ size: z.string(), name: z.string() })),
    unknown_rank: z.boolean(),
  }),
  name: z.string(),
});

const signatureSchema = z.object({
  inputs: z.record(z.string(), tensorInfoSchema),
  outputs: z.record(z.string(), tensorInfoSchema),
  method_name: z.string(),
});

export const metadataSchema = z
  .object({
    model_spec: z.object({ name: z.string(), signature_name: z.string(), version: z.string() }),
    metadata: z.object({
      signature_def: z.object({ signature_def: z.record(z.string(), signatureSchema) }),
    }),
  })
  .meta({ id: 'TensorFlowServingMetadata' });

const row = z.array(z.number()).describe('What the model gives for one example.');

export const predictAnswerSchema = z
  .union([
    z.object({ predictions: z.array(row) }).describe('Where `instances` was sent.'),
    z.object({ outputs: z.array(row) }).describe('Where `inputs` was sent.'),
  ])
  .meta({ id: 'TensorFlowServingPrediction' });

export const classifyAnswerSchema = z
  .object({
    results: z
      .array(z.array(z.tuple([z.string(), z.number()])))
      .describe('For each example its classes in their order, each with its label and probability.'),
  })
  .meta({ id: 'TensorFlowServingClassification' });

export type StatusBody = z.infer<typeof statusSchema>;
export type MetadataBody = z.infer<typeof metadataSchema>;

/** Request bodies are read in a way of their own (http/tensors); these say what they may hold. */
const picture: JsonSchema = {
  type: 'object',
  description: 'A picture: JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP.',
  properties: { b64: { type: 'string', contentEncoding: 'base64' } },
  required: ['b64'],
  additionalProperties: false,
};
const numbers: JsonSchema = {
  type: 'array',
  description: 'Nested arrays of numbers, as Keras’s predict takes them: already scaled.',
};
const signature: JsonSchema = { type: 'string' };
const named = (value: JsonSchema): JsonSchema => ({
  type: 'object',
  description: 'The same under the name of the input.',
  additionalProperties: value,
  minProperties: 1,
  maxProperties: 1,
});

export const predictBodySchema: JsonSchema = {
  type: 'object',
  description: 'Exactly one of `instances` and `inputs`.',
  properties: {
    signature_name: signature,
    instances: {
      type: 'array',
      items: { anyOf: [picture, numbers, named({ anyOf: [picture, numbers] })] },
      minItems: 1,
    },
    inputs: {
      anyOf: [
        picture,
        { type: 'array', items: { anyOf: [picture, numbers] }, minItems: 1 },
        named({ anyOf: [picture, { type: 'array' }] }),
      ],
    },
  },
  additionalProperties: false,
};

export const classifyBodySchema: JsonSchema = {
  type: 'object',
  properties: {
    signature_name: signature,
    context: { type: 'object', description: 'A feature that all examples share.' },
    examples: {
      type: 'array',
      items: named({ anyOf: [picture, { type: 'array', items: picture, maxItems: 1 }, numbers] }),
      minItems: 1,
    },
  },
  required: ['examples'],
  additionalProperties: false,
};
