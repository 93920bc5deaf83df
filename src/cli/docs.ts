// h5serve docs: writes what is generated from tables and schemas; --check fails when a file is out of step.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from '../config/load.js';
import { createService } from '../start.js';
import { generatedDocuments } from './generated-documents.js';
import type { Command } from './command.js';
import { parseFlags } from './parse-flags.js';

export const docsCommand: Command = {
  name: 'docs',
  summary: 'Write the generated documents, or check them',
  usage: `Usage: h5serve docs [--check]

Writes api.md, errors.md, configuration.md, images.md and keras-support.md in docs/ from the code's tables.
With --check nothing is written; the exit code is 1 when a file is out of step.`,
  async run(args) {
    const { check } = parseFlags('docs', args, ['check']);
    const service = createService(loadConfig({ LOG_DIR: 'none', LOG_LEVEL: 'error' }));
    await service.close();
    let stale = 0;
    for (const [file, text] of Object.entries(generatedDocuments(service.operations))) {
      const now = await readFile(file, 'utf8').catch(() => '');
      if (now === text) continue;
      stale += 1;
      if (check)
        console.error(`${path.normalize(file)} is out of step with the code: run \`npx h5serve docs\`.`);
      else await writeFile(file, text);
    }
    if (!check) console.log(stale === 0 ? 'All documents are in step.' : `${stale} written.`);
    return check && stale > 0 ? 1 : 0;
  },
};
