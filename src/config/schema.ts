// Every setting: its type, default and meaning, once. docs/configuration.md, the flags of `h5serve serve` and what
// `h5serve config` prints are made from this table.
import * as z from 'zod';
import {
  apiKeyEntries,
  corsOrigins,
  integer,
  positive,
  trustedProxies,
  webAddress,
  zeroOrMore,
} from './setting-types.js';

const text = z.string().trim().min(1);
const optionalText = text.optional();
const duration = (min: number, max = 3_600_000) => integer(min, max);

const listening = {
  PORT: integer(0, 65535).default(8000).describe('Port to listen on; 0 takes any free one.'),
  HOST: text.default('0.0.0.0').describe('Address to listen on.'),
  TLS_CERT: optionalText.describe('File of the certificate and its chain (PEM): serves HTTPS.'),
  TLS_KEY: optionalText.describe(
    'File of its private key (PEM). Both files are read again when they change.',
  ),
  TRUST_PROXY: trustedProxies.describe(
    'Whose X-Forwarded-For is believed: how many proxies stand in front, or their addresses and subnets; no one’s when unset.',
  ),
  MAX_CONNECTIONS: integer(1, 1_000_000)
    .default(10_000)
    .describe('Open connections; further ones are closed.'),
} as const;

const models = {
  MODELS_DIR: z.string().min(1).default('saved_models').describe('Folder of the models: <model>/<version>/.'),
  MODEL_PATH: optionalText.describe(
    'One checkpoint to serve in place of MODELS_DIR: a Keras file, a SavedModel’s folder, a frozen .pb, a model.json of TensorFlow.js.',
  ),
  LABELS_PATH: optionalText.describe(
    'Labels of MODEL_PATH, one a line; labels.txt beside it when unset, else class indices.',
  ),
  MANIFEST_PATH: optionalText.describe('Manifest of MODEL_PATH; manifest.json beside it when unset.'),
  ARCHITECTURE_PATH: optionalText.describe(
    'The JSON of model.to_json(), where MODEL_PATH holds weights only.',
  ),
  DEFAULT_MODEL: optionalText.describe(
    'Model that answers when a request names none; the only or first one when unset.',
  ),
  CACHE_DIR: optionalText.describe(
    'Folder for converted models; .cache inside MODELS_DIR when unset, for MODEL_PATH in the user’s cache folder.',
  ),
  H5SERVE_CACHE: optionalText.describe(
    'Folder for the TensorFlow library, shared by all checkouts of a user.',
  ),
  TOP_K: integer(1, 1000)
    .optional()
    .describe('Predictions in an answer; the manifest says when unset, else 3.'),
  PRECISION: z
    .enum(['auto', 'float32', 'bfloat16'])
    .default('auto')
    .describe(
      'Arithmetic of models whose manifest says auto: bfloat16 where the CPU computes in it natively.',
    ),
  MAX_MODEL_MB: integer(1, 1_000_000).default(4096).describe('Largest model served, in MB of weights.'),
} as const;

const load = {
  WORKERS: integer(1, 256)
    .optional()
    .describe('Worker threads per model; the cores granted, divided by NUM_THREADS, when unset.'),
  NUM_THREADS: integer(1, 256).optional().describe('Threads that one worker computes with; 1 when unset.'),
  MAX_UPLOAD_MB: positive(1024).default(10).describe('Largest file accepted, in MB of 1,048,576 bytes.'),
  MAX_IMAGE_MEGAPIXELS: positive(10_000).default(50).describe('Most pixels a picture may have, in millions.'),
  MAX_TENSOR_MB: positive(1024)
    .default(64)
    .describe(
      'Largest body of numbers or pictures by the protocols of KServe and TensorFlow Serving, in MB.',
    ),
  MAX_QUEUE: integer(1, 1_000_000)
    .default(256)
    .describe('Images that may wait per model before new ones are refused; those of batches may take half.'),
  MAX_IN_FLIGHT: integer(1, 1_000_000)
    .optional()
    .describe(
      'Predictions that may be under way at once, their uploads included; twice MAX_QUEUE when unset.',
    ),
  REQUEST_TIMEOUT_MS: duration(1)
    .default(10_000)
    .describe('Longest wait for a prediction, from the last byte of its upload.'),
  HEADER_TIMEOUT_MS: duration(100)
    .default(10_000)
    .describe('Time a client has to send the head of a request, and to finish its TLS handshake.'),
  UPLOAD_TIMEOUT_MS: duration(100).default(30_000).describe('Time a client has to send a whole request.'),
  IDLE_TIMEOUT_MS: duration(1)
    .default(65_000)
    .describe(
      'How long a connection is kept between two requests; longer than a balancer in front keeps it.',
    ),
  DRAIN_TIMEOUT_MS: duration(0).default(25_000).describe('Longest wait for requests in flight at shutdown.'),
  DRAIN_DELAY_MS: duration(0, 600_000)
    .default(500)
    .describe('Time between not ready and closing the port, for load balancers to notice.'),
} as const;

const protection = {
  RATE_LIMIT: integer(0, 1_000_000_000)
    .default(100)
    .describe(
      'Predictions per RATE_LIMIT_WINDOW_MS for each API key, token or client address; 0 is no limit.',
    ),
  RATE_LIMIT_WINDOW_MS: duration(100, 86_400_000).default(60_000).describe('The window of RATE_LIMIT.'),
  API_KEYS: apiKeyEntries.describe(
    'API keys, as `role:name:sha256` with commas between; `h5serve key` makes them. Open to all when neither keys nor tokens are set.',
  ),
  API_KEYS_FILE: optionalText.describe(
    'File of API keys, one `role name sha256` a line; read again when it changes.',
  ),
  JWT_JWKS_URL: webAddress('https', 'http')
    .optional()
    .describe('Where the public keys of the token issuer are: takes its JWTs as bearer tokens.'),
  JWT_ISSUER: optionalText.describe('What a token must have as `iss`.'),
  JWT_AUDIENCE: optionalText.describe('What a token must have in `aud`.'),
  JWT_ROLE_CLAIM: text
    .default('role')
    .describe('Claim that holds `predict` or `admin`: a text, a list, or a path such as realm_access.roles.'),
  METRICS_ACCESS: z
    .enum(['open', 'predict', 'admin'])
    .default('open')
    .describe('The role that GET /metrics needs where keys or tokens are on.'),
  CORS_ORIGINS: corsOrigins.describe(
    'Web pages that may call: origins with commas between, or *; none when unset.',
  ),
} as const;

const sharing = {
  CACHE_MB: zeroOrMore(100_000)
    .default(32)
    .describe('Memory for answers to pictures seen before; 0 keeps none.'),
  REDIS_URL: webAddress('redis', 'rediss')
    .optional()
    .describe(
      'Redis that instances share rate limits and answers through, such as redis://:password@host:6379/0.',
    ),
} as const;

const logs = {
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe log lines kept.'),
  LOG_DIR: z.string().min(1).default('api_logs').describe('Folder of the log files; `none` writes no files.'),
} as const;

/** As documents show them. */
export const settingGroups = {
  Listening: listening,
  Models: models,
  'Load and time': load,
  Protection: protection,
  'Cache and Redis': sharing,
  Logs: logs,
} as const;

export const settings = { ...listening, ...models, ...load, ...protection, ...sharing, ...logs } as const;

export const settingsSchema = z.object(settings);

export type Config = Readonly<z.infer<typeof settingsSchema>>;
export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as readonly SettingName[];

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);
