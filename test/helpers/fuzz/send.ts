// Sends one fuzzed request and reads its answer to the end.
import { request, type Agent } from 'node:http';
import type { FuzzRequest } from './requests.js';

export interface FuzzAnswer {
  readonly status: number;
  readonly code: string | undefined;
}

export function send(base: string, agent: Agent, fuzz: FuzzRequest): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const { method, path, body } = fuzz;
    // Node would send the body of a GET without a word about its length.
    const headers = { ...fuzz.headers, ...(body === null ? {} : { 'content-length': body.length }) };
    const call = request({ hostname, port, agent, method, path: asciiPath(path), headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, code: codeOf(Buffer.concat(chunks).toString('utf8')) });
      });
    });
    call.on('error', reject);
    call.end(body ?? undefined);
  });
}

/** node:http refuses to send a path with spaces or control characters. */
const asciiPath = (path: string): string => path.replaceAll(/[^\x21-\x7e]/g, '%');

function codeOf(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
    return typeof code === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
}
