// Examples of the OpenAPI document; a test holds each against its schema.
import type { BatchPrediction } from './batch.js';
import type { ImageClass } from './image-class.js';
import type { Inference } from './inference.js';
import type { Prediction } from './prediction.js';

const ID = '4f8c2f0e-6a54-4a57-9b1e-0d2f6c1b7a90';
const TIME = '2026-01-04T22:28:00.000Z';

const digits = Object.fromEntries(
  Array.from({ length: 10 }, (_, digit) => [String(digit), digit === 5 ? 0.9862 : digit === 3 ? 0.0138 : 0]),
);

export const predictionExample: Prediction = {
  request_id: ID,
  model: 'digits',
  model_version: '1',
  predicted_class: '5',
  predicted_digit: 5,
  confidence: 0.9862,
  predictions: [
    { label: '5', index: 5, probability: 0.9862 },
    { label: '3', index: 3, probability: 0.0138 },
    { label: '0', index: 0, probability: 0 },
  ],
  all_probabilities: digits,
  inference_time_seconds: 0.000412,
  inference_time_ms: 0.412,
  timings: { receive: 0.391, decode: 0.104, queue: 0.042, inference: 0.412, total: 1.013 },
  timestamp: TIME,
};

export const inferenceExample: Inference = {
  predictions: [
    { label: 'tiger cat', probability: 0.41 },
    { label: 'tabby', probability: 0.34 },
    { label: 'Egyptian cat', probability: 0.24 },
  ],
  inference_time_ms: 11.2,
};

export const imageClassExample: ImageClass = {
  predicted_class: 'cat',
  confidence: 0.87,
  all_probabilities: {
    airplane: 0.01,
    automobile: 0.02,
    bird: 0.03,
    cat: 0.87,
    deer: 0.01,
    dog: 0.04,
    frog: 0.01,
    horse: 0,
    ship: 0.01,
    truck: 0,
  },
  timestamp: TIME,
};

const { request_id, model, model_version, timestamp, ...predicted } = predictionExample;

export const batchExample: BatchPrediction = {
  request_id,
  model,
  model_version,
  count: 2,
  succeeded: 1,
  failed: 1,
  results: [
    { index: 0, filename: 'five.png', success: true, ...predicted },
    {
      index: 1,
      filename: 'notes.txt',
      success: false,
      error: {
        type: 'urn:h5serve:error:unsupported_media',
        title: 'Not an image format that is read here',
        status: 415,
        detail: 'the file is plain text',
        code: 'unsupported_media',
        request_id,
        remedy: 'Send JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP.',
        retryable: false,
      },
    },
  ],
  timings: predicted.timings,
  timestamp,
};
