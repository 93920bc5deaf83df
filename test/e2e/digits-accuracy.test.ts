// The digits model's accuracy, measured as users get it: 10,000 test digits as PNG uploads to the running server.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import sharp from 'sharp';
import { multipart } from '../helpers/multipart.js';
import { startService, type TestService } from '../helpers/service.js';
import { sharedData } from '../helpers/shared-data.js';

const SIDE = 28;
const CLIENTS = 16;

describe('the digits model', function () {
  this.timeout(180_000);
  let service: TestService;

  before(async () => {
    service = await startService({ MAX_QUEUE: '1000' });
  });

  after(() => service.close());

  it('knows at least 99.0 % of the test digits through POST /predict', async function () {
    const images = gunzipSync(
      await readFile(sharedData(this, 'mnist', 't10k-images-idx3-ubyte.gz')),
    ).subarray(16);
    const labels = gunzipSync(
      await readFile(sharedData(this, 'mnist', 't10k-labels-idx1-ubyte.gz')),
    ).subarray(8);
    const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
    let next = 0;
    let right = 0;
    const client = async (): Promise<void> => {
      for (let at = next++; at < labels.length; at = next++) {
        const pixels = images.subarray(at * SIDE * SIDE, (at + 1) * SIDE * SIDE);
        const png = await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
          .png()
          .toBuffer();
        if ((await predictDigit(agent, service.url, png)) === labels[at]) right += 1;
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    agent.destroy();
    const accuracy = right / labels.length;
    console.log(`      ${(100 * accuracy).toFixed(2)} % of ${labels.length} digits`);
    expect(labels).to.have.length(10_000);
    expect(accuracy).to.be.at.least(0.99);
  });
});

function predictDigit(agent: http.Agent, url: string, png: Buffer): Promise<unknown> {
  const { headers, body } = multipart(png);
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/predict`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve((JSON.parse(text) as { predicted_digit?: number }).predicted_digit));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
