// The CIFAR-10 endpoint with metrics for Prometheus: its documented calls, fields and metric names.
import { expect } from 'chai';
import { needsRequests } from '../helpers/commands.js';
import { photo, startReference, type ReferenceSystem } from '../helpers/reference-system.js';
import { CIFAR_LABELS } from '../helpers/small-models.js';

describe('users of the CIFAR-10 service', () => {
  let system: ReferenceSystem;
  before(async () => {
    const picture = await photo();
    system = await startReference({
      models: ['cifar10'],
      settings: { DEFAULT_MODEL: 'digits' },
      pictures: { 'cat.jpg': picture, 'test_cat.jpg': picture, 'notes.txt': Buffer.from('no picture') },
    });
  });
  after(() => system.close());

  const isClass = (body: unknown): void => {
    expect(body).to.have.all.keys('predicted_class', 'confidence', 'all_probabilities', 'timestamp');
    const { predicted_class, confidence, all_probabilities } = body as Record<string, unknown>;
    expect(all_probabilities).to.have.all.keys(...CIFAR_LABELS);
    expect(all_probabilities).to.have.property(String(predicted_class), confidence);
  };

  it('classify with the documented curl line', async () => {
    isClass(await system.curl('curl -X POST "http://localhost:8000/classify/image" -F "file=@cat.jpg"'));
  });

  it('classify with the documented Python', async function () {
    await needsRequests(this);
    const { stdout, stderr } = await system.python(`
import requests, json
url = "http://localhost:8000/classify/image"
files = {"file": open("test_cat.jpg", "rb")}
response = requests.post(url, files=files)
print(json.dumps(response.json()))
`);
    expect(stderr).to.equal('');
    isClass(JSON.parse(stdout));
  });

  it('scrape requests by endpoint and status, and the latency as a histogram', async () => {
    await system.curl('curl -F "file=@notes.txt" http://localhost:8000/classify/image');
    const { stdout } = await system.shell('curl -H "Accept: text/plain" http://localhost:8000/metrics');
    expect(stdout).to.match(/^api_requests_total\{endpoint="classify_image",status="success"\} [1-9]\d*$/m);
    expect(stdout).to.match(/^api_requests_total\{endpoint="classify_image",status="error"\} [1-9]\d*$/m);
    expect(stdout).to.match(
      /^api_request_latency_seconds_bucket\{endpoint="classify_image",le="0\.05"\} \d+$/m,
    );
    expect(stdout).to.match(/^api_request_latency_seconds_count\{endpoint="classify_image"\} [1-9]\d*$/m);
  });

  it('probe /health for liveness and readiness', async () => {
    for (let probe = 0; probe < 2; probe += 1) {
      const { stdout } = await system.shell(
        'curl -o /dev/null -w "%{http_code}" http://localhost:8000/health',
      );
      expect(stdout).to.equal('200');
    }
  });

  it('open Swagger UI', async () => {
    expect((await system.shell('curl http://localhost:8000/docs')).stdout).to.include('swagger-ui');
  });
});

describe('POST /classify/image without a cifar10 model', () => {
  it('asks the default model', async () => {
    const system = await startReference({
      models: ['products'],
      settings: { DEFAULT_MODEL: 'products' },
      pictures: { 'cat.jpg': await photo() },
    });
    try {
      const body = await system.curl('curl -F "file=@cat.jpg" http://localhost:8000/classify/image');
      expect(body).to.have.property('all_probabilities').that.includes.keys('electronics', 'category 12');
    } finally {
      await system.close();
    }
  });
});
