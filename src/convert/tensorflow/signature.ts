// Signatures: the inputs and outputs that an exported graph names, and the choice among them (meta_graph.proto).
import type { GraphEnds } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import { readMapEntry, readShapeProto } from './attributes.js';
import { isFloat } from './data-types.js';
import { parseTensorName, type Endpoint } from './graph-model.js';
import { allFields, lastField } from './wire.js';

export type Endpoints = ReadonlyMap<string, Endpoint>;

export interface Signature {
  readonly inputs: Endpoints;
  readonly outputs: Endpoints;
}

export function readSignature(message: Uint8Array, what: string): Signature {
  const side = (field: number): Endpoints =>
    new Map(
      allFields(message, field, what).map((entry) => {
        const { key, value } = readMapEntry(entry.bytes(), what);
        return [key, readTensorInfo(value, what)];
      }),
    );
  return { inputs: side(1), outputs: side(2) };
}

function readTensorInfo(message: Uint8Array, what: string): Endpoint {
  const shape = lastField(message, 3, what);
  return {
    ...parseTensorName(lastField(message, 1, what)?.text() ?? ''),
    dtype: lastField(message, 2, what)?.integer() ?? 0,
    shape: shape === undefined ? undefined : readShapeProto(shape.bytes(), what),
  };
}

const DEFAULT_SIGNATURE = 'serving_default';

/** The signature that is asked for, else the one that servers run, else the only one. */
export function chooseSignature(
  signatures: ReadonlyMap<string, Signature>,
  { signature: wanted }: GraphEnds,
  what: string,
): Signature {
  // `__saved_model_init_op` and its like are no signatures for callers.
  const names = [...signatures.keys()].filter((name) => !name.startsWith('__'));
  const [only, ...others] = names;
  const name = wanted ?? (names.includes(DEFAULT_SIGNATURE) || others.length > 0 ? DEFAULT_SIGNATURE : only);
  const found = name === undefined ? undefined : signatures.get(name);
  if (found !== undefined && name !== undefined && names.includes(name)) return found;
  throw new AppError(
    wanted === undefined ? 'checkpoint_unsupported' : 'manifest_invalid',
    `${what}: ${names.length === 0 ? 'there is no signature' : `there is no signature ${name ?? ''}; there are ${names.join(', ')}`}`,
    {
      remedy:
        names.length === 0
          ? 'Export the model with a signature (`model.export(...)` does), or as a frozen graph.'
          : 'Name one in the manifest: "signature": "...".',
    },
  );
}

/** Whether classes can be scored by this tensor: indices and names of classes stand beside the scores in many a signature. */
export const holdsScores = ({ dtype, shape }: Endpoint): boolean =>
  isFloat(dtype) && (shape === undefined || shape.length > 1);

/** One of `among`: by its key, or the only one. `elsewhere` finds a tensor that the signature does not name. */
export function chooseEndpoint(
  among: Endpoints,
  side: 'input' | 'output',
  wanted: string | undefined,
  elsewhere: (tensor: string) => Endpoint | undefined,
  what: string,
): Endpoint {
  const suited =
    side === 'output' ? new Map([...among].filter(([, endpoint]) => holdsScores(endpoint))) : among;
  const [only, ...others] = suited.values();
  const found =
    wanted === undefined
      ? others.length === 0
        ? only
        : undefined
      : (among.get(wanted) ?? elsewhere(wanted));
  if (found !== undefined) return found;
  const names = [...among.keys()];
  throw new AppError(
    wanted === undefined ? 'not_a_classifier' : 'manifest_invalid',
    wanted === undefined
      ? `${what}: the signature has ${suited.size} ${side}s that could be served: ${names.join(', ') || 'none'}`
      : `${what}: there is no ${side} ${wanted}; the signature has ${names.join(', ') || 'none'}`,
    { remedy: `Name the ${side} in the manifest: "graph": { "${side}": "..." }.` },
  );
}
