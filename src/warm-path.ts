// Sends predictions through the whole HTTP path before the service says that it is ready: V8 compiles a path that it has
// seen often, and in the first seconds the slowest answers would else take three times as long as later.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { ServedModel } from './contracts/classifier.js';
import { expressMessages } from './http/express-messages.js';
import { sharp } from './imaging/sharp.js';

export interface WarmPathOptions {
  /** Wired as in production, but with recorders of its own: nobody asked for these predictions. */
  readonly app: Express;
  readonly model: ServedModel;
  readonly budgetMs: number;
}

/**
 * Answers how many predictions were made: one for each client at least, then for as long as another fits into the time.
 * Never fails: a service that is cold is still one.
 */
export async function warmPath({ app, model, budgetMs }: WarmPathOptions): Promise<number> {
  const server = http.createServer(expressMessages(app), app).listen(0, '127.0.0.1');
  const agent = new http.Agent({ keepAlive: true });
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { name, version } = model.info;
    const query = new URLSearchParams({ model: name, version });
    const url = `http://127.0.0.1:${port}/predict?${query.toString()}`;
    const uploads = (await pictures(model)).map(multipart);
    const ends = performance.now() + budgetMs;
    let answered = 0;
    const client = async (): Promise<void> => {
      let lastMs: number;
      do {
        const upload = uploads[answered % uploads.length];
        const started = performance.now();
        if (upload === undefined || !(await post(url, agent, upload))) return;
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
async function pictures({ info: { input } }: ServedModel): Promise<readonly Buffer[]> {
  const { width, height } = input;
  const grey = sharp()({ create: { width, height, channels: 3, background: '#808080' } });
  const small = grey.clone().greyscale().png().toBuffer();
  return Promise.all([small, grey.clone().jpeg().toBuffer(), small]);
}

const BOUNDARY = 'h5serve-warm-up';

function multipart(picture: Buffer): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
}

function post(url: string, agent: http.Agent, body: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = {
      'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
      'Content-Length': body.length,
    };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    request.once('error', () => resolve(false));
    request.end(body);
  });
}
