// Sends predictions through the whole HTTP path before the service says that it is ready: V8 compiles a path that it has
// seen often, and in the first seconds the slowest answers would else take three times as long as later. It compiles for
// what it has seen, and throws that away when something else comes: so the messages are the service's own, clients differ in
// the order of their headers, and the first ones leave.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Express } from 'express';
import type { ServedModel } from './contracts/classifier.js';
import { shareMessages, type ExpressMessages } from './http/express-messages.js';
import { sharp } from './imaging/sharp.js';

export interface WarmPathOptions {
  /** Wired as in production, but with recorders of its own: nobody asked for these predictions. */
  readonly app: Express;
  /** Of production, whose messages are used. */
  readonly service: { readonly app: Express; readonly messages: ExpressMessages };
  readonly model: ServedModel;
  readonly budgetMs: number;
}

/**
 * Those of curl, requests, two browsers and two load generators. V8 knows the object that they come in by the order in which
 * they came; code that has met more than four takes any.
 */
const HEADER_ORDERS = [
  ['Host', 'User-Agent', 'Accept', 'Content-Length', 'Content-Type'],
  ['Host', 'User-Agent', 'Accept-Encoding', 'Accept', 'Connection', 'Content-Length', 'Content-Type'],
  ['Host', 'Connection', 'Content-Length', 'User-Agent', 'Content-Type', 'Accept', 'Accept-Encoding'],
  ['Host', 'User-Agent', 'Accept', 'Accept-Language', 'Content-Type', 'Content-Length', 'Connection'],
  ['Host', 'Content-Type', 'Content-Length'],
  ['Content-Length', 'Content-Type', 'Host'],
];

/** Of the time: clients that leave before they are answered. */
const LEAVING_SHARE = 0.5;
const MOST_LEAVING = 32;
/** Of the event loop, at most, from asking to leaving: some leave before the server hears of them, others in the middle. */
const TURNS = 8;

/**
 * Answers how many predictions were made: one for each client at least, then for as long as another fits into the time.
 * Never fails: a service that is cold is still one.
 */
export async function warmPath({ app, service, model, budgetMs }: WarmPathOptions): Promise<number> {
  shareMessages(service.app, app);
  const server = http.createServer(service.messages, app).listen(0, '127.0.0.1');
  const agent = new http.Agent({ keepAlive: true });
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { name, version } = model.info;
    const query = new URLSearchParams({ model: name, version });
    const url = `http://127.0.0.1:${port}/predict?${query.toString()}`;
    const { png, jpeg } = await pictures(model);
    const uploads = HEADER_ORDERS.map((order, at): Upload => {
      return { url, agent, order, body: multipart(at % 3 === 1 ? jpeg : png) };
    });
    const begun = performance.now();
    const leaveUntil = begun + LEAVING_SHARE * budgetMs;
    for (let left = 0; left < MOST_LEAVING && performance.now() < leaveUntil; left++) {
      const upload = uploads[left % uploads.length];
      if (upload !== undefined) await leave(upload, 1 + (left % TURNS));
    }
    const ends = begun + budgetMs;
    let answered = 0;
    const client = async (): Promise<void> => {
      let lastMs: number;
      do {
        const upload = uploads[answered % uploads.length];
        const started = performance.now();
        if (upload === undefined || !(await post(upload))) return;
        answered += 1;
        lastMs = performance.now() - started;
      } while (performance.now() + lastMs < ends);
    };
    await Promise.all([client(), client()]);
    return answered;
  } catch {
    return 0;
  } finally {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  }
}

/** Of the model's own size, so that decoding leaves most of the time to the rest of the path. */
async function pictures({ info: { input } }: ServedModel): Promise<Record<'png' | 'jpeg', Buffer>> {
  const { width, height } = input;
  const grey = sharp()({ create: { width, height, channels: 3, background: '#808080' } });
  const made = [grey.clone().greyscale().png().toBuffer(), grey.clone().jpeg().toBuffer()] as const;
  const [png, jpeg] = await Promise.all(made);
  return { png, jpeg };
}

const BOUNDARY = 'h5serve-warm-up';

function multipart(picture: Buffer): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
}

interface Upload {
  readonly url: string;
  readonly agent: http.Agent;
  /** Of its headers. */
  readonly order: readonly string[];
  readonly body: Buffer;
}

/** A client that does not wait for its answer. */
async function leave(upload: Upload, turns: number): Promise<void> {
  const request = ask(upload).once('error', () => undefined);
  for (let turned = 0; turned < turns; turned++) await turn();
  request.destroy();
}

function post(upload: Upload): Promise<boolean> {
  return new Promise((resolve) => {
    ask(upload)
      .once('error', () => resolve(false))
      .once('response', (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode === 200));
      });
  });
}

function ask({ url, agent, order, body }: Upload): http.ClientRequest {
  const values: Readonly<Record<string, string>> = {
    Host: new URL(url).host,
    Connection: 'keep-alive',
    'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
    'Content-Length': String(body.length),
  };
  const headers = order.flatMap((name) => [name, values[name] ?? '*/*']);
  return http.request(url, { method: 'POST', agent, headers, setHost: false }).end(body);
}
