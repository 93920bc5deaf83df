// The `h5serve` command: finds the sub-command, prints every error as what happened and what to do about it.
import type { Command } from './cli/command.js';
import { nearest } from './errors/nearest.js';
import { AppError, describeError, toAppError } from './errors/app-error.js';
import { Interrupted } from './native/interruption.js';
import { SERVICE } from './service.js';

/** Loaded when asked for: `h5serve --help` needs none of them. */
const commands: Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>
> = {
  serve: {
    summary: 'Serve the models of a folder, or one checkpoint, over HTTP',
    load: async () => (await import('./cli/serve.js')).serveCommand,
  },
  config: {
    summary: 'Show every setting, its value, source and meaning',
    load: async () => (await import('./cli/config.js')).configCommand,
  },
  key: {
    summary: 'Make an API key',
    load: async () => (await import('./cli/key.js')).keyCommand,
  },
  setup: {
    summary: 'Bring TensorFlow and build its addon, once',
    load: async () => (await import('./cli/setup.js')).setupCommand,
  },
  doctor: {
    summary: 'Say what is installed and what is missing',
    load: async () => (await import('./cli/doctor.js')).doctorCommand,
  },
  inspect: {
    summary: 'Show the layers of a checkpoint, and whether it can be served',
    load: async () => (await import('./cli/inspect.js')).inspectCommand,
  },
  convert: {
    summary: 'Write a checkpoint as a SavedModel',
    load: async () => (await import('./cli/convert.js')).convertCommand,
  },
  check: {
    summary: 'Compare a checkpoint with the output that Keras gives',
    load: async () => (await import('./cli/check.js')).checkCommand,
  },
  synth: {
    summary: 'Make a checkpoint with made-up weights from an architecture',
    load: async () => (await import('./cli/synth.js')).synthCommand,
  },
  docs: {
    summary: 'Write the generated documents, or check them',
    load: async () => (await import('./cli/docs.js')).docsCommand,
  },
};

function help(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    `${SERVICE.name} ${SERVICE.version}: serves Keras image classifiers`,
    '',
    'Usage: h5serve <command> [options]',
    '',
    ...lines,
    '',
    'See `h5serve <command> --help`.',
  ].join('\n');
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(help());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    console.log(SERVICE.version);
    return 0;
  }
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) {
    const guess = nearest(name, Object.keys(commands));
    throw new AppError(
      'usage',
      `there is no command "${name}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`,
    );
  }
  const command = await found.load();
  if (args.includes('--help') || args.includes('-h')) {
    console.log(command.usage);
    return 0;
  }
  return command.run(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Interrupted) process.exit(error.exitCode);
  console.error(describeError(toAppError(error)));
  if (!(error instanceof AppError) && error instanceof Error) console.error(error.stack);
  process.exitCode = 1;
}
