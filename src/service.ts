// Who we are, from package.json.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { packageRoot } from './config/program-files.js';

const described = z
  .object({ name: z.string(), version: z.string(), engines: z.object({ node: z.string() }) })
  .parse(JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')));

export const SERVICE = Object.freeze({ name: described.name, version: described.version });

/** The versions of Node.js that run it. */
export const NODE_RANGE = described.engines.node;
