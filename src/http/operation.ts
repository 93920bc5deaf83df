// One call of the API: what serves it and what documents it, in one place. The OpenAPI document is made from these.
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type * as z from 'zod';
import type { ErrorCode } from '../errors/catalogue.js';

export interface Operation {
  /** OpenAPI's operationId; stable, since generated clients name their functions by it. */
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** As Express reads it: `/models/:model/predict`. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly params?: ObjectSchema;
  readonly query?: ObjectSchema;
  readonly headers?: ObjectSchema;
  readonly body?: BodyDocument;
  /** By status: all that are no refusals. */
  readonly answers: Readonly<Record<number, AnswerDocument>>;
  /** Besides those that every operation may end in. */
  readonly refusals: readonly ErrorCode[];
  /** Whether it asks for predictions: GET /metrics counts those apart. */
  readonly predicts?: boolean;
  readonly handlers: readonly (RequestHandler | ErrorRequestHandler)[];
}

/** Groups of the documentation, in its order. */
export const TAGS = {
  Predictions: 'Pictures in, classes out.',
  Models: 'What is served, and what is known about it.',
  Service: 'How the service is.',
  'KServe v2': 'The Open Inference Protocol, for clients of KServe, Triton and Seldon.',
  'TensorFlow Serving': 'The REST API of TensorFlow Serving.',
} as const;

export type Tag = keyof typeof TAGS;

export type ObjectSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Content {
  readonly schema: z.ZodType | JsonSchema;
  readonly example?: unknown;
}

/** By media type. */
export type Contents = Readonly<Record<string, Content>>;

export interface BodyDocument {
  readonly description?: string;
  readonly content: Contents;
}

export interface AnswerDocument {
  readonly description: string;
  readonly content: Contents;
  readonly headers?: Readonly<Record<string, string>>;
}

export const jsonAnswer = (description: string, schema: z.ZodType, example?: unknown): AnswerDocument => ({
  description,
  content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
});
