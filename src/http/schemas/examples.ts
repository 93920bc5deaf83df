// Examples of the OpenAPI document; a test holds each against its schema.
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
