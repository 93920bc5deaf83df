// One of the systems whose users move here: a server with its model, and its users' pictures in a folder.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { python, shell, type Output, type Place } from './commands.js';
import { startServer, type ServerProcess } from './server-process.js';
import { smallModels, type SmallModel } from './small-models.js';

export interface ReferenceSystem {
  readonly server: ServerProcess;
  readonly cwd: string;
  /** A shell line as it is documented; the answer is JSON. */
  curl(line: string): Promise<unknown>;
  shell(line: string): Promise<Output>;
  python(program: string): Promise<Output>;
  close(): Promise<void>;
}

export interface ReferenceOptions {
  readonly models: readonly SmallModel[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly pictures: Readonly<Record<string, Buffer>>;
}

export async function startReference({
  models,
  settings = {},
  pictures,
}: ReferenceOptions): Promise<ReferenceSystem> {
  const made = await smallModels(models);
  const cwd = await mkdtemp(path.join(os.tmpdir(), 'h5serve-user-'));
  for (const [name, bytes] of Object.entries(pictures)) await writeFile(path.join(cwd, name), bytes);
  const server = await startServer({
    MODELS_DIR: made.folder,
    LOG_DIR: path.join(cwd, 'logs'),
    RATE_LIMIT: '0',
    ...settings,
  });
  const place: Place = { cwd, url: server.url };
  return {
    server,
    cwd,
    shell: (line) => shell(line, place),
    python: (program: string) => python(['-c', program], place),
    async curl(line) {
      const { stdout } = await shell(line, place);
      return JSON.parse(stdout) as unknown;
    },
    async close() {
      await server.stop();
      await made.remove();
      await rm(cwd, { recursive: true });
    },
  };
}

/** Something colourful of 64 x 48. */
export const photo = (format: 'jpeg' | 'png' = 'jpeg'): Promise<Buffer> =>
  sharp(
    Buffer.from(
      '<svg width="64" height="48"><rect width="64" height="48" fill="#7af"/><circle cx="30" cy="25" r="15" fill="#c63"/></svg>',
    ),
  )
    .toFormat(format)
    .toBuffer();
