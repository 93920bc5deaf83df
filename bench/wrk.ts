// wrk (https://github.com/wg/wrk) with our multipart script: one round of load, and what it saw.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

const SCRIPT = 'bench/multipart.lua';

const resultSchema = z.object({
  requests: z.number(),
  seconds: z.number(),
  /** Milliseconds. */
  p50: z.number(),
  p99: z.number(),
  /** Of a single connection: as the answers came, without wrk's correction for late ones. */
  uncorrectedP99: z.number().optional(),
  /** Answered with 503. */
  refused: z.number(),
  /** Answered with anything else but 200, or not at all. */
  failed: z.number(),
});

export type Load = z.infer<typeof resultSchema> & { readonly perSecond: number };

export interface Round {
  readonly url: string;
  readonly picture: string;
  readonly connections: number;
  readonly seconds: number;
}

export const hasWrk = (): boolean => spawnSync('wrk', ['-v']).error === undefined;

export async function runWrk({ url, picture, connections, seconds }: Round): Promise<Load> {
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '30s',
    '-s',
    SCRIPT,
    url,
    '--',
    picture,
    ...(connections === 1 ? ['alone'] : []),
  ];
  const { stdout } = await promisify(execFile)('wrk', args);
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk said nothing of its run:\n${stdout}`);
  const result = resultSchema.parse(JSON.parse(line));
  return { ...result, perSecond: (result.requests - result.refused - result.failed) / result.seconds };
}
