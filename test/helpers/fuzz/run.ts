// A whole fuzz: so many requests, several at a time, and what came of them.
import { Agent } from 'node:http';
import type { OpenApiDocument } from '../../../src/http/openapi/document.js';
import { one, zero } from '../pictures.js';
import type { TestService } from '../service.js';
import { Random } from './random.js';
import { RequestMaker, type FuzzRequest } from './requests.js';
import { send } from './send.js';

export interface FuzzResult {
  /** By operation and status. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Statuses from 500 on, and connections that broke. */
  readonly faults: readonly string[];
}

export interface FuzzRun {
  readonly service: TestService;
  readonly requests: number;
  readonly seed: number;
  readonly known: Readonly<Record<string, readonly string[]>>;
  readonly onProgress?: (done: number) => void;
}

const AT_A_TIME = 8;
/** A shorter time than this may end in 504, as it was asked for. */
const FAIR_TIME_MS = 2_000;

export async function fuzz({ service, requests, seed, known, onProgress }: FuzzRun): Promise<FuzzResult> {
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApiDocument;
  const random = new Random(seed);
  const maker = new RequestMaker(document, { random, known, pictures: [await one(), await zero()] });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  const statuses = new Map<string, Map<number, number>>();
  const faults: string[] = [];
  let sent = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (sent < requests) {
      sent += 1;
      const request = maker.next();
      try {
        const { status, code } = await send(service.url, agent, request);
        const counts = statuses.get(request.operationId) ?? new Map<number, number>();
        statuses.set(request.operationId, counts.set(status, (counts.get(status) ?? 0) + 1));
        if (status >= 500 && !wasHurried(request, code))
          faults.push(`${status} ${code ?? ''}: ${shown(request)}`);
      } catch (error) {
        faults.push(`${error instanceof Error ? error.message : String(error)}: ${shown(request)}`);
      }
      done += 1;
      onProgress?.(done);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  agent.destroy();
  return { statuses, faults };
}

const wasHurried = ({ headers }: FuzzRequest, code: string | undefined): boolean =>
  (code === 'deadline_in_queue' || code === 'deadline_running' || code === 'queue_full') &&
  Number(headers['x-request-timeout-ms'] ?? FAIR_TIME_MS) < FAIR_TIME_MS;

/** As much as is needed to send it again. */
const shown = ({ method, path, headers, body }: FuzzRequest): string =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 300)} ${body?.toString('latin1').slice(0, 400) ?? ''}`;
