// h5serve serve: native set-up when needed, then the server.
import { loadConfig } from '../config/load.js';
import { runServer } from '../server.js';
import type { Command } from './command.js';
import { parseFlags } from './parse-flags.js';
import { setUpNative } from './set-up-native.js';

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Serve the models of a folder over HTTP',
  usage: `Usage: h5serve serve

Serves every model in MODELS_DIR (saved_models) on HOST:PORT (0.0.0.0:8000).
Settings come from the environment; docs/configuration.md lists them.

  PORT=9000 MODELS_DIR=/srv/models h5serve serve

Stop it with SIGTERM or Ctrl-C: requests in flight are answered first. A second signal ends it at once.`,
  async run(args) {
    parseFlags('serve', args, []);
    const config = loadConfig();
    await setUpNative();
    const code = await runServer(config);
    // Worker threads of a load that a signal cut short may still hold the process.
    process.exit(code);
  },
};
