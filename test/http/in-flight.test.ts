import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import request from 'supertest';
import { startService, type TestService } from '../helpers/service.js';

describe('Predictions under way', () => {
  let service: TestService;
  before(async () => {
    service = await startService({ MAX_IN_FLIGHT: '1' });
  });
  after(() => service.close());

  it('are bounded from the head of their request on, and make room when their client leaves', async () => {
    const picture = await readFile('test/fixtures/digit.png');
    const predict = () => request(service.url).post('/predict').attach('file', picture, 'digit.png');
    const slow = net.connect(Number(new URL(service.url).port), '127.0.0.1');
    await once(slow, 'connect');
    slow.write(
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 999\r\n\r\n--b',
    );
    await sleep(50);

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
    const picture = await readFile('test/fixtures/digit.png');
    const port = Number(new URL(service.url).port);
    const slow = Array.from({ length: 9 }, () => net.connect(port, '127.0.0.1'));
    for (const socket of slow) {
      await once(socket, 'connect');
      socket.write(
        'POST /batch-predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 999\r\n\r\n--b',
      );
    }
    await sleep(50);
    const send = (count: number) => {
      const call = request(service.url).post('/batch-predict');
      for (let at = 0; at < count; at++) call.attach('files', picture, `${at}.png`);
      return call;
    };
    try {
      // Two each are 18 of 24.
      expect((await request(service.url).post('/predict').attach('file', picture, 'a.png')).status).to.equal(
        200,
      );
      expect((await send(6)).status).to.equal(200);
      const refused = await send(7);
      expect(refused.status).to.equal(503);
      expect(refused.body).to.include({ code: 'queue_full' });
    } finally {
      for (const socket of slow) socket.destroy();
    }
    await sleep(50);
    expect((await send(20)).status).to.equal(200);
  });

  it('count as so many of the largest pictures as their bytes make, too', async () => {
    const small = await startService({ MAX_IN_FLIGHT: '6', MAX_UPLOAD_MB: '0.01' });
    const slow = net.connect(Number(new URL(small.url).port), '127.0.0.1');
    try {
      const picture = await readFile('test/fixtures/digit.png');
      const send = () => request(small.url).post('/predict').attach('file', picture, 'a.png');
      slow.write(
        'POST /batch-predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99999\r\n\r\n' +
          '--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n',
      );
      await sleep(50);
      expect((await send()).status).to.equal(200);
      slow.write(Buffer.alloc(55_000));
      await sleep(50);
      const refused = await send();
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
      const picture = await readFile('test/fixtures/digit.png');
      const call = request(small.url).post('/batch-predict');
      for (let at = 0; at < 5; at++) call.attach('files', picture, `${at}.png`);
      expect((await call).status).to.equal(200);
    } finally {
      await small.close();
    }
  });
});
