// The bodies of the Open Inference Protocol, as specification/protocol/inference_rest.md has them, with Triton's
// extensions for binary tensors and for classes.
import * as z from 'zod';
import type { JsonValue } from '../tensors/json-reader.js';
import type { JsonSchema } from '../operation.js';
import { PIXEL } from '../picture-body.js';

/** The one input and the one output that every model has. */
export const INPUT_NAME = 'input';
export const OUTPUT_NAME = 'probabilities';

const size = z.int().nonnegative();

/** Unknown parameters are allowed: what a server does not know it passes over. */
const inputParametersSchema = z.looseObject({
  binary_data_size: size.optional(),
  shared_memory_region: z.never('shared memory is not supported: send the tensor in the body').optional(),
});

const outputParametersSchema = z.looseObject({
  binary_data: z.boolean().optional(),
  classification: z.int().min(0).max(100_000).optional(),
  shared_memory_region: z.never('shared memory is not supported: the tensor comes in the body').optional(),
});

const requestInputSchema = z.strictObject({
  name: z.literal(INPUT_NAME),
  shape: z.array(size).min(1).max(8),
  datatype: z.string(),
  parameters: inputParametersSchema.nullish(),
  data: z.custom<JsonValue>().optional(),
});

const requestOutputSchema = z.strictObject({
  name: z.literal(OUTPUT_NAME),
  parameters: outputParametersSchema.nullish(),
});

export const inferRequestSchema = z.strictObject({
  id: z.string().max(1000).nullish(),
  /** KServe's own client repeats the address here. */
  model_name: z.string().nullish(),
  model_version: z.string().nullish(),
  parameters: z
    .looseObject({
      binary_data_output: z.boolean().optional(),
      /** Triton's, in microseconds. */
      timeout: size.optional(),
    })
    .nullish(),
  inputs: z.array(requestInputSchema).length(1, 'the model has one input'),
  outputs: z.array(requestOutputSchema).max(1, 'the model has one output').nullish(),
});

export type InferRequest = z.infer<typeof inferRequestSchema>;
export type RequestInput = InferRequest['inputs'][number];

const tensorSchema = z.object({
  name: z.string(),
  datatype: z.enum(['FP32', 'BYTES']),
  shape: z.array(z.int()),
  parameters: z.object({ binary_data_size: size }).optional(),
  data: z
    .union([z.array(z.number()), z.array(z.string())])
    .optional()
    .describe('Row by row; not there where it follows in binary.'),
});

export const inferAnswerSchema = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional().describe('As in the request.'),
    outputs: z.array(tensorSchema),
  })
  .meta({ id: 'InferenceResponse' });

export const serverMetadataSchema = z
  .object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'InferenceServerMetadata' });

const tensorMetadataSchema = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int()).describe('-1 is any number of examples.'),
});

export const modelMetadataSchema = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(tensorMetadataSchema),
    outputs: z.array(tensorMetadataSchema),
  })
  .meta({ id: 'InferenceModelMetadata' });

export const liveServerSchema = z.object({ live: z.boolean() }).meta({ id: 'InferenceServerLive' });
export const readyServerSchema = z.object({ ready: z.boolean() }).meta({ id: 'InferenceServerReady' });
export const readyModelSchema = z
  .object({ name: z.string(), ready: z.boolean() })
  .meta({ id: 'InferenceModelReady' });

/** The request for the documentation; the one above also holds what only code can. */
export const inferBodySchema: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    model_name: { type: 'string' },
    model_version: { type: 'string' },
    parameters: {
      type: 'object',
      properties: {
        binary_data_output: { type: 'boolean' },
        timeout: { type: 'integer', minimum: 0, description: 'In microseconds.' },
      },
    },
    inputs: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        properties: {
          name: { const: INPUT_NAME },
          shape: { type: 'array', items: { type: 'integer', minimum: 0 } },
          datatype: {
            enum: ['FP32', 'FP64', 'FP16', 'BF16', 'UINT8', 'BYTES'],
            description:
              'FP32, FP64, FP16, BF16: as Keras’s predict takes them. UINT8: pixels of the size that the model takes, [n, height, width, channels]. BYTES: encoded pictures of any size, [n].',
          },
          parameters: {
            type: 'object',
            properties: { binary_data_size: { type: 'integer', minimum: 0 } },
          },
          data: {
            type: 'array',
            description:
              'Numbers, flat or nested; or pictures in base64. Not there where binary_data_size is.',
          },
        },
        required: ['name', 'shape', 'datatype'],
        additionalProperties: false,
      },
    },
    outputs: {
      type: 'array',
      maxItems: 1,
      items: {
        type: 'object',
        properties: {
          name: { const: OUTPUT_NAME },
          parameters: {
            type: 'object',
            properties: {
              binary_data: { type: 'boolean' },
              classification: {
                type: 'integer',
                minimum: 0,
                description: 'So many classes as texts `probability:index:label`, best first.',
              },
            },
          },
        },
        required: ['name'],
        additionalProperties: false,
      },
    },
  },
  required: ['inputs'],
  additionalProperties: false,
};

export const inferBodyExample: InferRequest = {
  id: '42',
  inputs: [{ name: INPUT_NAME, datatype: 'BYTES', shape: [1], data: [PIXEL] }],
  outputs: [{ name: OUTPUT_NAME, parameters: { classification: 3 } }],
};
