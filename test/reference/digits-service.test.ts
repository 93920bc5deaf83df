// The digit recognition service: its documented calls, word for word, and every field that it documents.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { needsRequests } from '../helpers/commands.js';
import { startReference, type ReferenceSystem } from '../helpers/reference-system.js';

const DIGITS = Array.from('0123456789');

describe('users of the digit recognition service', () => {
  let system: ReferenceSystem;
  before(async () => {
    const digit = await readFile('test/fixtures/digit.png');
    system = await startReference({
      models: [],
      pictures: { 'digit_5.png': digit, 'digit_image.png': digit, 'notes.txt': Buffer.from('no picture') },
    });
  });
  after(() => system.close());

  const isPrediction = (body: unknown): void => {
    expect(body).to.have.property('predicted_digit', 5);
    expect(body).to.have.property('confidence').that.is.within(0.9, 1);
    expect(body).to.have.property('all_probabilities').that.has.all.keys(DIGITS);
    expect(body).to.have.property('inference_time_seconds').that.is.a('number').above(0);
    expect(body)
      .to.have.property('timestamp')
      .that.matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  };

  it('predict with the documented curl line', async () => {
    isPrediction(
      await system.curl(
        'curl -X POST "http://localhost:8000/predict" -H "Content-Type: multipart/form-data" -F "file=@digit_5.png"',
      ),
    );
  });

  it('predict with the documented Python', async function () {
    await needsRequests(this);
    const { stdout, stderr } = await system.python(`
import requests
files = {'file': open('digit_image.png', 'rb')}
response = requests.post('http://localhost:8000/predict', files=files)
result = response.json()
print(f"Predicted Digit: {result['predicted_digit']}")
print(f"Confidence: {result['confidence']:.2%}")
`);
    expect(stdout, stderr).to.match(/^Predicted Digit: 5\nConfidence: \d+\.\d\d%\n$/);
  });

  it('read what the service is at GET /', async () => {
    const body = await system.curl('curl http://localhost:8000/');
    expect(body).to.have.property('message').that.is.a('string');
    expect(body).to.have.property('version').that.is.a('string');
    expect(body).to.have.property('status', 'running');
    expect(body).to.have.property('model_accuracy').that.is.above(0.98);
    expect(body).to.have.property('endpoints').that.includes({
      predict: 'POST /predict',
      health: 'GET /health',
      metrics: 'GET /metrics',
      docs: 'GET /docs',
    });
  });

  it('watch its health', async () => {
    const body = await system.curl('curl http://localhost:8000/health');
    expect(body).to.include({ status: 'healthy', model_loaded: true, model_version: 'v1' });
    expect(body).to.have.property('uptime').that.is.a('number');
    expect(body).to.have.property('timestamp').that.is.a('string');
  });

  it('read its metrics: requests, successes, failures and predictions by digit', async () => {
    const metrics = async () => (await system.curl('curl http://localhost:8000/metrics')) as Metrics;
    const before = await metrics();
    for (const file of ['digit_5.png', 'digit_5.png', 'digit_5.png', 'notes.txt']) {
      await system.curl(`curl -F "file=@${file}" http://localhost:8000/predict`);
    }
    const { service_metrics: service, model_metrics: model, timestamp } = await metrics();
    expect(service).to.have.all.keys(
      'total_requests',
      'successful_predictions',
      'failed_predictions',
      'total_errors',
      'success_rate',
      'uptime_seconds',
      'uptime_hours',
    );
    const grown = (name: string) => (service[name] ?? NaN) - (before.service_metrics[name] ?? NaN);
    expect(grown('total_requests')).to.equal(4);
    expect(grown('successful_predictions')).to.equal(3);
    expect(grown('failed_predictions')).to.equal(1);
    expect(grown('total_errors')).to.equal(1);
    const rate = (100 * (service['successful_predictions'] ?? 0)) / (service['total_requests'] ?? 1);
    expect(service['success_rate']).to.be.closeTo(rate, 0.01);
    expect(model).to.deep.include({ model_version: 'v1', model_accuracy: 0.9955 });
    expect(model.predictions_by_digit).to.have.all.keys(DIGITS);
    expect(
      (model.predictions_by_digit['5'] ?? 0) - (before.model_metrics.predictions_by_digit['5'] ?? 0),
    ).to.equal(3);
    expect(timestamp).to.be.a('string');
  });

  it('read what is known of the model', async () => {
    const body = await system.curl('curl http://localhost:8000/model_info');
    expect(body).to.deep.include({
      model_version: 'v1',
      model_accuracy: 0.9955,
      input_shape: '(None, 28, 28, 1)',
      output_shape: '(None, 10)',
      total_parameters: 225_034,
      layers: 11,
    });
    expect(body)
      .to.have.property('architecture')
      .that.deep.equals([
        ...['conv2d', 'max_pooling2d', 'dropout', 'conv2d', 'max_pooling2d', 'dropout'],
        ...['flatten', 'dense', 'dropout', 'dense'],
      ]);
  });

  it('open Swagger UI', async () => {
    const { stdout } = await system.shell('curl http://localhost:8000/docs');
    expect(stdout).to.include('swagger-ui');
  });

  it('find the same lines in the log file', async () => {
    await system.curl('curl -F "file=@digit_5.png" http://localhost:8000/predict');
    await system.curl('curl -F "file=@notes.txt" http://localhost:8000/predict');
    await system.server.stop();
    const log = await readFile(path.join(system.cwd, 'logs', 'api.log'), 'utf8');
    const stamp = String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - \w+ - `;
    for (const line of [
      String.raw`INFO - Model loaded successfully\b`,
      String.raw`INFO - Prediction: 5 \| Confidence: [01]\.\d{4} \| Time: \d+\.\d{3}s\b`,
      String.raw`(WARNING|ERROR) - Prediction failed: .+`,
    ]) {
      expect(log).to.match(new RegExp(stamp + line, 'm'));
    }
  });
});

interface Metrics {
  readonly service_metrics: Readonly<Record<string, number>>;
  readonly model_metrics: { readonly predictions_by_digit: Readonly<Record<string, number>> };
  readonly timestamp: string;
}
