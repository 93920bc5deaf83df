// The body of an inference request: who asks for which outputs, and the one input tensor.
import { toDotPath } from 'zod/v4/core';
import { AppError } from '../../errors/app-error.js';
import type { TensorCall, Understood } from '../tensors/tensor-call.js';
import { bodyParts, LENGTH_HEADER } from './body-parts.js';
import { inputExamples } from './input-tensor.js';
import { inferRequestSchema, OUTPUT_NAME, type InferRequest, type RequestInput } from './schemas.js';

/** How the answer shall look. */
export interface InferWanted {
  readonly id: string | null;
  readonly output: string;
  readonly binary: boolean;
  /** So many classes as texts, and not the numbers. */
  readonly classes: number;
}

/** Few numbers, which are no tensor. */
const PLAIN = new Set(['shape']);

export async function inferRequest(call: TensorCall): Promise<Understood<InferWanted>> {
  const { json, binary } = bodyParts(call.req, call.body);
  const request = checked(await call.parse(json, { plain: PLAIN }));
  const [input] = request.inputs;
  if (input === undefined) throw new AppError('internal', 'a checked request without an input');
  const examples = await inputExamples(input, binaryOf(input, binary), call);
  const timeout = request.parameters?.timeout ?? 0;
  return { examples, wanted: wantedBy(request), ...(timeout > 0 ? { timeoutMs: timeout / 1000 } : {}) };
}

function checked(body: unknown): InferRequest {
  const parsed = inferRequestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `${placeOf(issue.path)}${issue.message.replace(/^Invalid input: /, '')}`,
  );
  throw new AppError('malformed_json', faults.join('; ').slice(0, 500));
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = toDotPath(path);
  return place === '' ? '' : `${place}: `;
}

function binaryOf({ parameters, data }: RequestInput, binary: Buffer | null): Buffer | null {
  const size = parameters?.binary_data_size;
  if (size === undefined) {
    if (binary !== null && binary.length > 0) {
      throw new AppError(
        'malformed_json',
        `inputs[0].parameters: expected binary_data_size, since ${binary.length} bytes follow the JSON`,
      );
    }
    return null;
  }
  if (data !== undefined) {
    throw new AppError('malformed_json', 'inputs[0]: expected one of data and binary_data_size, found both');
  }
  if (binary === null) {
    throw new AppError(
      'malformed_json',
      `inputs[0]: binary_data_size needs the header ${LENGTH_HEADER}, the length of the JSON`,
    );
  }
  if (binary.length !== size) {
    throw new AppError(
      'malformed_json',
      `inputs[0]: expected ${size} bytes behind the JSON, as binary_data_size says, found ${binary.length}`,
    );
  }
  return binary;
}

function wantedBy({ id, parameters, outputs }: InferRequest): InferWanted {
  const { binary_data: binary = parameters?.binary_data_output ?? false, classification = 0 } =
    outputs?.[0]?.parameters ?? {};
  return { id: id ?? null, output: OUTPUT_NAME, binary, classes: classification };
}
