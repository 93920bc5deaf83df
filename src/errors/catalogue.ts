// Every error the service can tell of, once: its code is the key; status, title and remedy come from here.
// docs/errors.md is generated from this table.

export interface CatalogueEntry {
  /** The HTTP status; for errors of the command line too, should they ever reach a client. */
  readonly status: number;
  readonly title: string;
  /** What the reader can do about it. */
  readonly remedy: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
}

const entry = (status: number, title: string, remedy: string, retryable = false): CatalogueEntry => ({
  status,
  title,
  remedy,
  retryable,
});

export const CATALOGUE = {
  // The upload
  no_image: entry(
    400,
    'No image in the request',
    'Send one image as multipart field `file` or `image`, as a raw image/* body, or as base64 in JSON.',
  ),
  empty_file: entry(
    400,
    'The uploaded file is empty',
    'Send the bytes of an image; check the path given to your client.',
  ),
  malformed_json: entry(
    400,
    'The JSON body is not as expected',
    'Correct what the detail names; `GET /docs` shows examples.',
  ),
  unsupported_encoding: entry(
    415,
    'The body is compressed',
    'Send the body as it is, without Content-Encoding; pictures gain nothing by it.',
  ),
  too_few_files: entry(400, 'Fewer files than this endpoint takes', 'Send more pictures in one request.'),
  too_many_files: entry(
    400,
    'More files than this endpoint takes',
    'Send one picture per request, or several to POST /batch-predict.',
  ),
  unexpected_field: entry(400, 'Unexpected form field', 'Name the field `file` or `image`.'),
  malformed_upload: entry(
    400,
    'The multipart body is malformed',
    'Let your HTTP client build the multipart body and its boundary.',
  ),
  invalid_parameter: entry(400, 'A parameter is not valid', 'Correct the parameter that the detail names.'),
  too_many_images: entry(
    413,
    'More images than may wait at once',
    'Send fewer images per request, or raise MAX_QUEUE.',
  ),
  invalid_tensor: entry(
    400,
    'The numbers do not fit the model',
    'Correct what the detail names; the metadata of the model tells its shape.',
  ),
  body_too_large: entry(
    413,
    'The body is too large',
    'Send fewer examples per request, or raise MAX_TENSOR_MB.',
  ),
  upload_timeout: entry(
    408,
    'The upload took too long',
    'Send the body faster, or raise UPLOAD_TIMEOUT_MS.',
    true,
  ),
  file_too_large: entry(413, 'The file is too large', 'Send a smaller file, or raise MAX_UPLOAD_MB.'),
  image_too_large: entry(
    413,
    'The image has too many pixels',
    'Send a smaller picture, or raise MAX_IMAGE_MEGAPIXELS.',
  ),
  unsupported_media: entry(
    415,
    'Not an image format that is read here',
    'Send JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP.',
  ),
  undecodable_image: entry(
    422,
    'The image cannot be decoded',
    'The file is damaged, cut off, or of a rare kind; send it again, or save it as a PNG or JPEG.',
  ),

  // The route
  not_found: entry(404, 'No such route', 'See `GET /` for the endpoints.'),
  method_not_allowed: entry(405, 'Method not allowed here', 'Use a method that the Allow header names.'),
  unknown_model: entry(404, 'No such model or version', 'Ask for a model that `GET /health` lists.'),

  // The caller
  unauthorized: entry(
    401,
    'A valid API key or token is needed',
    'Send `Authorization: Bearer KEY` or `X-API-Key: KEY`; whoever runs the service gives keys out.',
  ),
  forbidden: entry(
    403,
    'The caller may not do this',
    'Use a key or token with the role that the detail names.',
  ),
  rate_limited: entry(
    429,
    'Too many predictions in a short time',
    'Wait the seconds in Retry-After; or raise RATE_LIMIT.',
    true,
  ),
  credentials_unchecked: entry(
    503,
    'The token cannot be checked now',
    'Try again; see the log for why the keys of JWT_JWKS_URL cannot be fetched.',
    true,
  ),

  // The load
  queue_full: entry(503, 'The server is at its limit', 'Try again after the seconds in Retry-After.', true),
  draining: entry(503, 'The server is shutting down', 'Try again; another instance will answer.', true),
  model_unavailable: entry(
    503,
    'The model is not ready',
    'Wait, or see `GET /health` for why it could not be loaded.',
    true,
  ),
  deadline_in_queue: entry(
    504,
    'The deadline passed while the request waited',
    'Try again, or allow more time.',
    true,
  ),
  deadline_running: entry(
    504,
    'The deadline passed while the model ran',
    'Try again, or allow more time.',
    true,
  ),
  client_gone: entry(499, 'The client went away', 'Nothing to do; the request was dropped.'),

  // The engine
  inference_failed: entry(500, 'The model failed on this input', 'See the log under the request id.'),
  internal: entry(500, 'Internal error', 'See the log under the request id.'),

  // A model on disk
  checkpoint_missing: entry(
    500,
    'There is no checkpoint',
    'Put one .h5 or .keras file there, a SavedModel, a frozen .pb, or a model.json of TensorFlow.js.',
  ),
  checkpoint_not_hdf5: entry(
    500,
    'The checkpoint is neither an HDF5 nor a .keras file',
    'Save it again with `model.save("model.keras")`; check that the download is complete.',
  ),
  checkpoint_damaged: entry(
    500,
    'The checkpoint is damaged or incomplete',
    'Copy or save it again; compare its size with the original.',
  ),
  checkpoint_unsafe: entry(
    500,
    'The checkpoint reaches outside of itself or claims more than it holds',
    'Do not use a file whose origin you do not trust; save the model again with Keras.',
  ),
  checkpoint_unsupported: entry(
    500,
    'The checkpoint is of a kind that is not read here',
    'Save the whole model with `model.save(...)`.',
  ),
  config_malformed: entry(
    500,
    'The architecture in the checkpoint is malformed',
    'Save the model again with Keras.',
  ),
  layer_unsupported: entry(
    500,
    'A layer or an operation is not supported',
    'See docs/keras-support.md for the layers that are.',
  ),
  weights_missing: entry(
    500,
    'Weights are missing from the checkpoint',
    'Save the whole model again; a weights-only file needs its architecture.',
  ),
  weights_mismatch: entry(
    500,
    'Weights do not fit the architecture',
    'The file mixes two models; save it again.',
  ),
  model_too_large: entry(
    500,
    'The model is larger than the limits',
    'Serve a smaller model, or raise MAX_MODEL_MB.',
  ),
  not_a_classifier: entry(
    500,
    'The model does not classify images',
    'Give a model with one image input and one vector of classes as output.',
  ),
  manifest_invalid: entry(
    500,
    'The manifest is not valid',
    'Correct what the detail names; docs/models.md lists every key.',
  ),
  labels_mismatch: entry(
    500,
    'The labels do not fit the model',
    'Give one label per output class, one a line.',
  ),
  engine_failed: entry(
    500,
    'The engine could not start the model',
    'Run `h5serve doctor`; see the log for the cause.',
  ),

  // Starting up
  config_invalid: entry(500, 'The configuration is not valid', 'Correct the settings that the detail names.'),
  port_in_use: entry(500, 'The port is in use', 'Stop the other program, or set PORT to a free port.'),
  listen_failed: entry(500, 'The server cannot listen', 'Check HOST and PORT.'),
  native_missing: entry(
    500,
    'TensorFlow is not set up',
    'Run `npx h5serve setup`, then `npx h5serve doctor`.',
  ),
  native_setup_failed: entry(
    500,
    'TensorFlow could not be set up',
    'Follow the detail; `npx h5serve doctor` says what is missing.',
  ),
  usage: entry(400, 'The command line is not right', 'See `h5serve --help`.'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(CATALOGUE, value);
