// Who we are, from package.json.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const file = new URL('../../package.json', import.meta.url);

export const SERVICE = Object.freeze(
  z.object({ name: z.string(), version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))),
);
