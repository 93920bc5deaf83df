import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import request from 'supertest';
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

  it('of more pictures than the limit come in where nothing else is under way', async () => {
    const small = await startService({ MAX_IN_FLIGHT: '3' });
    try {
      expect((await sendBatch(small.url, 5)).status).to.equal(200);
    } finally {
      await small.close();
    }
  });
});
