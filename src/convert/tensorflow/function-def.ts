// A function's signature (op_def.proto): the names of its arguments, and their types, which freezing changes.
import { PbfWriter } from 'pbf';
import { writeEncoded, type FunctionDef } from '../saved-model/protos.js';
import type { ArgumentTypes } from './function-calls.js';
import { allFields, lastField, readFields } from './wire.js';

const INPUT_ARG = 2;
const OUTPUT_ARG = 3;

const namesOf = ({ name, signature }: FunctionDef, side: number): readonly string[] =>
  allFields(signature, side, name).map((field) => lastField(field.bytes(), 1, name)?.text() ?? '');

export const argumentNames = (definition: FunctionDef): readonly string[] => namesOf(definition, INPUT_ARG);
export const outputNames = (definition: FunctionDef): readonly string[] => namesOf(definition, OUTPUT_ARG);

export function retypeSignature(
  { name, signature }: FunctionDef,
  inputs: ArgumentTypes,
  outputs: ArgumentTypes,
): Uint8Array {
  const pbf = new PbfWriter();
  const seen = { [INPUT_ARG]: 0, [OUTPUT_ARG]: 0 };
  readFields(signature, name, (field) => {
    const side = field.number === INPUT_ARG || field.number === OUTPUT_ARG ? field.number : undefined;
    const types = side === INPUT_ARG ? inputs : outputs;
    const type = side === undefined ? undefined : types.get(seen[side]++);
    if (type === undefined) {
      writeEncoded(field.encoded, pbf);
      return;
    }
    const argument = lastField(field.bytes(), 1, name)?.text() ?? '';
    pbf.writeMessage(field.number, writeArgument, { argument, type });
  });
  return pbf.finish();
}

/** ArgDef, without what is known of resources only. */
function writeArgument({ argument, type }: { argument: string; type: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, argument);
  pbf.writeVarintField(3, type);
}
