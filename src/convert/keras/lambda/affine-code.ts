// What a function of one argument computes, where that is `x * scale + offset` and nothing else. Its instructions are
// followed with a stack of such expressions; the first that is not arithmetic with numbers ends it.
import { LAYOUTS, readMarshal, type CodeLayout, type CodeObject } from './marshal.js';

/** scale * x + offset; a number where the scale is 0. */
export interface Affine {
  readonly scale: number;
  readonly offset: number;
}

/** Functions that scale pixels have a dozen instructions. */
const MAX_CODE = 200;

type Instruction = 'load' | 'constant' | 'negative' | 'return' | 'nothing' | Arithmetic | 'choose';
type Arithmetic = '+' | '-' | '*' | '/';

type Opcodes = Readonly<Record<number, Instruction>>;

/** dis.opmap of Python 2.7 to 3.10. */
const EARLY: Opcodes = {
  11: 'negative', // UNARY_NEGATIVE
  20: '*', // BINARY_MULTIPLY
  21: '/', // BINARY_DIVIDE, of Python 2
  23: '+', // BINARY_ADD
  24: '-', // BINARY_SUBTRACT
  27: '/', // BINARY_TRUE_DIVIDE
  83: 'return', // RETURN_VALUE
  100: 'constant', // LOAD_CONST
  124: 'load', // LOAD_FAST
};

/** 3.11 and 3.12 */
const LATE: Opcodes = {
  0: 'nothing', // CACHE
  11: 'negative',
  83: 'return',
  100: 'constant',
  122: 'choose', // BINARY_OP
  124: 'load',
  151: 'nothing', // RESUME
};

/** 3.13 numbered them anew; its functions begin with its own RESUME. */
const RESUME_3_13 = 149;
const LATEST: Opcodes = {
  0: 'nothing',
  36: 'return',
  42: 'negative',
  45: 'choose',
  83: 'constant',
  85: 'load',
  [RESUME_3_13]: 'nothing',
};

/** Arguments of BINARY_OP (opcode.py, _nb_ops); from 13 on in place. */
const CHOICES: Readonly<Record<number, Arithmetic>> = { 0: '+', 5: '*', 10: '-', 11: '/' };

/** Undefined where the bytes are no function, or one that does something else. */
export function affineOf(marshalled: Buffer): Affine | undefined {
  for (const layout of LAYOUTS) {
    const code = codeIn(marshalled, layout);
    const affine = code === undefined ? undefined : follow(code);
    if (affine !== undefined) return affine;
  }
  return undefined;
}

function codeIn(marshalled: Buffer, layout: CodeLayout): CodeObject | undefined {
  try {
    const value = readMarshal(marshalled, layout);
    return typeof value === 'object' && value !== null && 'kind' in value ? (value as CodeObject) : undefined;
  } catch (error) {
    // Of another version of Python, or damaged.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function follow({ layout, argumentCount, code, constants }: CodeObject): Affine | undefined {
  if (argumentCount !== 1 || code.length > MAX_CODE) return undefined;
  const opcodes = layout.since !== '3.11' ? EARLY : code[0] === RESUME_3_13 ? LATEST : LATE;
  const stack: Affine[] = [];
  for (const [opcode, argument] of instructions(code, layout)) {
    const instruction = opcodes[opcode];
    if (instruction === 'nothing') continue;
    if (instruction === 'return') return stack.length === 1 ? stack[0] : undefined;
    const value = step(instruction, argument, constants, stack);
    if (value === undefined) return undefined;
    stack.push(value);
  }
  return undefined;
}

/** Takes its operands from the stack; undefined where it is not arithmetic of this kind. */
function step(
  instruction: Instruction | undefined,
  argument: number,
  constants: readonly unknown[],
  stack: Affine[],
): Affine | undefined {
  if (instruction === 'load') return argument === 0 ? { scale: 1, offset: 0 } : undefined;
  if (instruction === 'constant') {
    const constant = constants[argument];
    return typeof constant === 'number' ? { scale: 0, offset: constant } : undefined;
  }
  const b = stack.pop();
  if (b === undefined) return undefined;
  if (instruction === 'negative') return { scale: -b.scale, offset: -b.offset };
  const sign = instruction === 'choose' ? CHOICES[argument] : instruction;
  const a = stack.pop();
  return a === undefined ? undefined : combine(sign, a, b);
}

function combine(sign: Instruction | undefined, a: Affine, b: Affine): Affine | undefined {
  // Of two numbers Python 2 and 3 have different quotients; compilers leave none behind that matter here.
  if (a.scale === 0 && b.scale === 0) return undefined;
  switch (sign) {
    case '+':
      return { scale: a.scale + b.scale, offset: a.offset + b.offset };
    case '-':
      return { scale: a.scale - b.scale, offset: a.offset - b.offset };
    case '*':
      if (a.scale === 0) return combine('*', b, a);
      return b.scale === 0 ? { scale: a.scale * b.offset, offset: a.offset * b.offset } : undefined;
    case '/':
      return b.scale === 0 && b.offset !== 0
        ? { scale: a.scale / b.offset, offset: a.offset / b.offset }
        : undefined;
    default:
      return undefined;
  }
}

/** dis.HAVE_ARGUMENT: up to 3.5, from this number on, an instruction has an argument of two bytes. */
const HAVE_ARGUMENT = 90;

function* instructions(code: Buffer, { since }: CodeLayout): Iterable<readonly [number, number]> {
  const wordCode = since !== '2.0' && since !== '3.0';
  for (let at = 0; at < code.length;) {
    const opcode = code[at] ?? 0;
    if (wordCode) {
      yield [opcode, code[at + 1] ?? 0];
      at += 2;
    } else if (opcode < HAVE_ARGUMENT) {
      yield [opcode, 0];
      at += 1;
    } else {
      yield [opcode, (code[at + 1] ?? 0) + 256 * (code[at + 2] ?? 0)];
      at += 3;
    }
  }
}
