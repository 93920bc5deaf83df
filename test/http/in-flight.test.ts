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
