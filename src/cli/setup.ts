// `h5serve setup`: brings TensorFlow and builds its addon, or finds that all is there.
import { userEnvironment } from '../config/user-environment.js';
import { Interrupted } from '../native/interruption.js';
import { ensureNative, type SetupResult } from '../native/setup.js';
import { terminalProgress } from '../observability/terminal-progress.js';
import type { Command } from './command.js';
import { parseFlags } from './parse-flags.js';

const usage = `Usage: h5serve setup [--force] [--json]

Sets up TensorFlow for this checkout. Done already, it takes milliseconds; \`npm start\` and \`npm test\`
run it first. The library is kept in a cache that all checkouts of a user share, so that it is downloaded
(274 MB) and unpacked (853 MB) once.

Options:
  --force     make the cached copy anew, whatever is there
  --json      print the result as JSON on standard output
  -h, --help  show this text

Environment:
  H5SERVE_CACHE  folder of the cache; h5serve in $XDG_CACHE_HOME or ~/.cache when unset
  PYTHON         interpreter whose pip downloads the library; python3 when unset
  CXX            C++ compiler; g++ when unset

Needs Python with pip, a C++ compiler and make. Where one is missing, tfjs-node's own installer is tried.
Exit code: 0 when TensorFlow is ready, 1 when it is not, 130 or 143 when interrupted.`;

const sentences: Readonly<Record<SetupResult['source'], string>> = {
  ready: 'TensorFlow is set up.',
  cache: 'TensorFlow is set up, from the cache.',
  built: 'TensorFlow is set up, downloaded and built.',
  'own-installer': 'TensorFlow is set up, by tfjs-node’s own installer.',
};

async function run(args: string[]): Promise<number> {
  const flags = parseFlags('setup', args, ['force', 'json']);
  const progress = terminalProgress();
  try {
    const { source, ms } = await ensureNative({ progress, force: flags.force });
    if (flags.json) console.log(JSON.stringify({ source, ms, cache: userEnvironment().cacheDir }));
    else
      console.log(
        `${sentences[source]} (${ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`})`,
      );
    return 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    progress.close();
    console.error(`${error.message} Nothing half-done was kept.`);
    return error.exitCode;
  } finally {
    progress.close();
  }
}

export const setupCommand: Command = {
  name: 'setup',
  summary: 'set TensorFlow up, or find that it is',
  usage,
  run,
};
