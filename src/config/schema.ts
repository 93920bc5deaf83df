// Every setting: its type, default and meaning, once. docs/configuration.md is generated from this table.
import { z } from 'zod';

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const optionalText = z.string().trim().min(1).optional();

export const settings = {
  PORT: integer(0, 65535).default(8000).describe('Port to listen on; 0 takes any free one.'),
  HOST: z.string().trim().min(1).default('0.0.0.0').describe('Address to listen on.'),
  MODELS_DIR: z.string().min(1).default('saved_models').describe('Folder of the models: <model>/<version>/.'),
  DEFAULT_MODEL: optionalText.describe(
    'Model that answers when a request names none; the only or first one when unset.',
  ),
  CACHE_DIR: optionalText.describe('Folder for converted models; .cache inside MODELS_DIR when unset.'),
  H5SERVE_CACHE: optionalText.describe(
    'Folder for the TensorFlow library, shared by all checkouts of a user.',
  ),
  TOP_K: integer(1, 1000)
    .optional()
    .describe('Predictions in an answer; the manifest says when unset, else 3.'),
  WORKERS: integer(1, 256).optional().describe('Worker threads per model; the cores granted when unset.'),
  NUM_THREADS: integer(1, 256).optional().describe('Threads that one worker computes with; 1 when unset.'),
  PRECISION: z
    .enum(['auto', 'float32', 'bfloat16'])
    .default('auto')
    .describe(
      'Arithmetic of models whose manifest says auto: bfloat16 where the CPU computes in it natively.',
    ),
  MAX_UPLOAD_MB: z.coerce
    .number()
    .positive()
    .max(1024)
    .default(10)
    .describe('Largest file accepted, in MB of 1,048,576 bytes.'),
  MAX_IMAGE_MEGAPIXELS: z.coerce
    .number()
    .positive()
    .max(10_000)
    .default(50)
    .describe('Most pixels a picture may have, in millions.'),
  MAX_MODEL_MB: integer(1, 1_000_000).default(4096).describe('Largest model served, in MB of weights.'),
  MAX_TENSOR_MB: z.coerce
    .number()
    .positive()
    .max(1024)
    .default(64)
    .describe(
      'Largest body of numbers or pictures by the protocols of KServe and TensorFlow Serving, in MB.',
    ),
  UPLOAD_TIMEOUT_MS: integer(100, 3_600_000)
    .default(30_000)
    .describe('Time a client has to send a whole request.'),
  REQUEST_TIMEOUT_MS: integer(1, 3_600_000)
    .default(10_000)
    .describe('Deadline of a prediction, from its arrival.'),
  MAX_QUEUE: integer(1, 1_000_000)
    .default(256)
    .describe('Images that may wait per model before new ones are refused.'),
  DRAIN_TIMEOUT_MS: integer(0, 3_600_000)
    .default(25_000)
    .describe('Longest wait for requests in flight at shutdown.'),
  DRAIN_DELAY_MS: integer(0, 600_000)
    .default(500)
    .describe('Time between not ready and closing the port, for load balancers to notice.'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe log lines kept.'),
  LOG_DIR: z.string().min(1).default('api_logs').describe('Folder of the log files; `none` writes no files.'),
} as const;

export const settingsSchema = z.object(settings);

export type Config = Readonly<z.infer<typeof settingsSchema>>;
export type SettingName = keyof typeof settings;
