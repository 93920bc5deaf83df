import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http, { type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Response } from 'express';
import request from 'supertest';
import { InFlight } from '../../src/http/in-flight.js';
import { startService, type TestService } from '../helpers/service.js';

/** A form of which only the head and the first bytes have come. */
async function begin(url: string, path: string, length: number, form = '--b'): Promise<net.Socket> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n${form}`,
  );
  await sleep(50);
  return socket;
}

const sendOne = async (url: string) =>
  request(url)
    .post('/predict')
    .attach('file', await readFile('test/fixtures/digit.png'), 'digit.png');

async function sendBatch(url: string, count: number) {
  const picture = await readFile('test/fixtures/digit.png');
  const call = request(url).post('/batch-predict');
  for (let at = 0; at < count; at++) call.attach('files', picture, `${at}.png`);
  return call;
}

describe('Predictions under way', () => {
  let service: TestService;
  before(async () => {
    service = await startService({ MAX_IN_FLIGHT: '1' });
  });
  after(() => service.close());

  it('are bounded from the head of their request on, and make room when their client leaves', async () => {
    const predict = () => sendOne(service.url);
    const slow = await begin(service.url, '/predict', 999);

    const refused = await predict();
    expect(refused.status).to.equal(503);
    expect(refused.body).to.include({ code: 'queue_full' });
    expect(Number(refused.headers['retry-after'])).to.be.at.least(1);
    expect((await request(service.url).get('/health')).status, 'health never waits behind them').to.equal(
      200,
    );

    slow.destroy();
    await sleep(50);
    expect((await predict()).status).to.equal(200);
    expect((await predict()).status, 'an answer makes room, too').to.equal(200);
  });
});

describe('Batches under way', () => {
  let service: TestService;
  before(async () => {
    service = await startService({ MAX_IN_FLIGHT: '24' });
  });
  after(() => service.close());

  it('count as what they brought, not as what they may bring', async () => {
    const slow = await Promise.all(
      Array.from({ length: 9 }, () => begin(service.url, '/batch-predict', 999)),
    );
    try {
      // Two each are 18 of 24.
      expect((await sendOne(service.url)).status).to.equal(200);
      expect((await sendBatch(service.url, 6)).status).to.equal(200);
      const refused = await sendBatch(service.url, 7);
      expect(refused.status).to.equal(503);
      expect(refused.body).to.include({ code: 'queue_full' });
    } finally {
      for (const socket of slow) socket.destroy();
    }
    await sleep(50);
    expect((await sendBatch(service.url, 20)).status).to.equal(200);
  });

  it('count as so many of the largest pictures as their bytes make, too', async () => {
    const small = await startService({ MAX_IN_FLIGHT: '6', MAX_UPLOAD_MB: '0.01' });
    const part = '--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n';
    const slow = await begin(small.url, '/batch-predict', 99_999, part);
    try {
      expect((await sendOne(small.url)).status).to.equal(200);
      slow.write(Buffer.alloc(55_000));
      await sleep(50);
      const refused = await sendOne(small.url);
      expect(refused.status).to.equal(503);
      expect(refused.body).to.include({ code: 'queue_full' });
    } finally {
      slow.destroy();
      await small.close();
    }
  });

  it('are watched once, however many pictures come', async () => {
    const small = await startService({ MAX_IN_FLIGHT: '24', MAX_UPLOAD_MB: '0.01' });
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    try {
      const pictures = Array.from({ length: 20 }, () => Buffer.alloc(9_000));
      const parts = pictures.map((picture) =>
        Buffer.concat([
          Buffer.from('--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'),
          picture,
          Buffer.from('\r\n'),
        ]),
      );
      const slow = await begin(small.url, '/batch-predict', 200_000, '');
      for (const part of parts) {
        slow.write(part);
        await sleep(5);
      }
      await sleep(50);
      expect((await sendBatch(small.url, 8)).body, 'the slow one has brought 17 of 24').to.include({
        code: 'queue_full',
      });
      slow.destroy();
      expect(warnings.map(String)).to.deep.equal([]);
    } finally {
      process.off('warning', note);
      await small.close();
    }
  });

  it('count no more once their client is gone', async () => {
    const inFlight = new InFlight(24);
    const server = http.createServer((_req, res: ServerResponse) => {
      inFlight.enter(res as Response, 2);
      res.once('close', () => {
        inFlight.grow(res as Response, 20);
        server.close();
      });
      res.end();
    });
    const closed = once(server, 'close');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    await closed;
    expect(inFlight.predictions).to.equal(0);
  });

  it('of more pictures than the limit come in where nothing else is under way', async () => {
    const small = await startService({ MAX_IN_FLIGHT: '3' });
    try {
      expect((await sendBatch(small.url, 5)).status).to.equal(200);
    } finally {
      await small.close();
    }
  });
});
