// h5serve serve: native set-up when needed, then the server.
import { readdirSync } from 'node:fs';
import { convertedModelsFolder } from '../config/converted-models.js';
import { loadSettings } from '../config/load.js';
import { startConverterAhead } from '../convert/conversion-thread.js';
import { linkTensorFlowAhead } from '../native/link-ahead.js';
import type { Command } from './command.js';
import { describeFlags, parseSettingFlags } from './setting-flags.js';
import { setUpNative } from './set-up-native.js';

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Serve the models of a folder, or one checkpoint, over HTTP',
  usage: `Usage: h5serve serve [CHECKPOINT] [--flags]

Serves every model in MODELS_DIR (saved_models) on HOST:PORT (0.0.0.0:8000), or CHECKPOINT alone.

  h5serve serve --port 9000 --models-dir /srv/models
  h5serve serve flowers.h5 --labels flowers.txt

Each setting is a flag, an environment variable (--port is PORT) and a line in .env in the working directory;
a flag comes before the environment, the environment before .env. \`h5serve config\` shows what is in force.

${describeFlags()}

Stop it with SIGTERM or Ctrl-C: requests in flight are answered first. A second signal ends it at once.`,
  async run(args) {
    const { given } = parseSettingFlags('serve', args, { json: false });
    const { config, notices } = loadSettings(given);
    for (const notice of notices) console.warn(notice);
    await setUpNative(config.H5SERVE_CACHE);
    linkTensorFlowAhead(config.NUM_THREADS);
    if (isEmpty(convertedModelsFolder(config))) startConverterAhead();
    const { runServer } = await import('../server.js');
    const code = await runServer(config);
    // Worker threads of a load that a signal cut short may still hold the process.
    process.exit(code);
  },
};

/** Or absent. Compiled code may lie there, hidden. */
function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => name.startsWith('.'));
  } catch {
    return true;
  }
}
