// What building the addon needs of the machine: one probe per tool, each with its remedy.
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { UserEnvironment } from '../config/user-environment.js';
import { runChild } from './child.js';
import { installHint, type Tool } from './install-hint.js';
import { platformName, wheelPin } from './wheel-pin.js';

export interface Requirement {
  readonly name: string;
  /** How a sentence names what is missing. */
  readonly called: string;
  /** What was found, such as a version; undefined when it is missing. */
  readonly found: string | undefined;
  readonly remedy: string;
  /** Set when a package manager can bring it. */
  readonly tool?: Tool;
}

const PROBE_TIMEOUT_MS = 20_000;

/** Compilers that understand g++'s options, the usual one first. */
const COMPILERS = ['g++', 'c++', 'clang++'];

export interface BuildTools {
  readonly requirements: readonly Requirement[];
  readonly compiler: string | undefined;
  readonly nodeFolder: string | undefined;
}

async function firstLine(
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const result = await runChild(command, args, { timeoutMs: PROBE_TIMEOUT_MS, signal });
  return result.ok ? (result.output.trim().split('\n')[0] ?? '') : undefined;
}

async function findCompiler(wanted: string | undefined, signal?: AbortSignal) {
  for (const command of wanted === undefined ? COMPILERS : [wanted]) {
    const found = await firstLine(command, ['--version'], signal);
    if (found !== undefined) return { command, found };
  }
  return undefined;
}

/** The folder whose include/node holds the headers of the running Node, so that none are downloaded. */
export function findNodeFolder(): string | undefined {
  const beside = path.resolve(realpathSync(process.execPath), '..', '..');
  return [beside, '/usr', '/usr/local'].find((folder) =>
    existsSync(path.join(folder, 'include', 'node', 'node_api.h')),
  );
}

/** Undefined when the wheel's binaries cannot run here. */
function supportedPlatform(): string | undefined {
  if (wheelPin() === undefined) return undefined;
  // The wheel is linked against glibc; musl (Alpine) has another loader.
  const glibc = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-x86-64.so.2'].some((file) => existsSync(file));
  return glibc ? platformName : undefined;
}

const toolRequirement = (name: string, tool: Tool, found: string | undefined): Requirement => ({
  name,
  called: name,
  tool,
  found,
  remedy: installHint(tool),
});

export async function probeBuildTools(user: UserEnvironment, signal?: AbortSignal): Promise<BuildTools> {
  const [python, pip, compiler, make] = await Promise.all([
    firstLine(user.python, ['--version'], signal),
    firstLine(user.python, ['-m', 'pip', '--version'], signal),
    findCompiler(user.compiler, signal),
    firstLine('make', ['--version'], signal),
  ]);
  const nodeFolder = findNodeFolder();
  return {
    compiler: compiler?.command,
    nodeFolder,
    requirements: [
      {
        name: 'Platform',
        called: `a TensorFlow wheel for ${platformName}`,
        found: supportedPlatform(),
        remedy:
          'TensorFlow is built for Linux on x86-64 with glibc 2.27 or later; use such a machine or a Debian-based image.',
      },
      toolRequirement('Python', 'python', python),
      // "pip 23.2.1 from /long/path (python 3.11)": the path says nothing.
      toolRequirement('pip', 'pip', pip?.replace(/ from .*(?= \()/, '')),
      toolRequirement('C++ compiler', 'compiler', compiler?.found),
      toolRequirement('make', 'make', make),
    ],
  };
}
