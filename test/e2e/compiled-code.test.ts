import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { multipart } from '../helpers/multipart.js';
import { zero } from '../helpers/pictures.js';
import { startServer } from '../helpers/server-process.js';
import { v8Trace } from './support/v8-trace.js';

/** Names of functions whose code was thrown away because an object was not built like those before it. */
const thrownAway = (trace: string): readonly string[] =>
  [...trace.matchAll(/reason: wrong map\).*?<JSFunction (\w+)/g)].map(([, name]) => name ?? '');

describe('compiled code', () => {
  it('of what reads headers outlives a client that sends them in another order', async () => {
    const server = await startServer({ ...v8Trace('--trace-deopt'), LOG_LEVEL: 'error' });
    const agent = new http.Agent({ keepAlive: true });
    const { headers, body } = multipart(await zero());
    const all: Readonly<Record<string, string>> = { ...headers, Host: new URL(server.url).host };
    const predict = async (order: readonly string[]): Promise<void> => {
      const request = http.request(`${server.url}/predict`, {
        method: 'POST',
        agent,
        setHost: false,
        headers: order.flatMap((name) => [name, all[name] ?? '']),
      });
      request.end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      expect(response.statusCode).to.equal(200);
    };
    try {
      for (let at = 0; at < 4000; at++) await predict(['Host', 'Content-Type', 'Content-Length']);
      for (let at = 0; at < 400; at++) await predict(['Content-Type', 'Host', 'Content-Length']);
      expect(thrownAway(server.output())).not.to.include.oneOf([
        'announcedBytes',
        'wantsFresh',
        'refuseEncoded',
      ]);
    } finally {
      agent.destroy();
      await server.stop();
    }
  });
});
