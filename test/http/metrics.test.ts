// What the service tells of its work, and to whom in which form.
import { PerformanceObserver, constants, type PerformanceEntry } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import request from 'supertest';
import { preferredFormat } from '../../src/http/routes/metrics.js';
import { metricsSchema, type MetricsBody } from '../../src/http/schemas/metrics.js';
import { needsOwnAddon } from '../helpers/own-addon.js';
import { one, zero } from '../helpers/pictures.js';
import { startService, type TestService } from '../helpers/service.js';

const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

/** Of a pause for garbage. */
const kindOf = (entry: PerformanceEntry): unknown =>
  'detail' in entry && typeof entry.detail === 'object' && entry.detail !== null && 'kind' in entry.detail
    ? entry.detail.kind
    : undefined;

describe('the form of GET /metrics', () => {
  const cases: { who: string; accept: string; form: string }[] = [
    { who: 'curl and Python’s requests', accept: '*/*', form: 'json' },
    {
      who: 'a browser',
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
      form: 'json',
    },
    { who: 'axios', accept: 'application/json, text/plain, */*', form: 'json' },
    { who: 'a script that wants JSON', accept: 'application/json', form: 'json' },
    { who: 'who takes neither', accept: 'image/png', form: 'json' },
    { who: 'Prometheus', accept: PROMETHEUS, form: 'openmetrics' },
    {
      who: 'Prometheus 2.2x',
      accept: 'application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      form: 'openmetrics',
    },
    { who: 'vmagent', accept: 'text/plain;version=0.0.4;q=1,*/*;q=0.1', form: 'prometheus' },
    {
      who: 'Telegraf',
      accept:
        'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3',
      form: 'prometheus',
    },
    { who: 'who would rather have JSON', accept: 'text/plain;q=0.5, application/json', form: 'json' },
    { who: 'who wants no text at all', accept: 'text/plain;q=0, */*', form: 'json' },
    { who: 'a header of nonsense', accept: ';;;,q=,/', form: 'json' },
  ];
  for (const { who, accept, form } of cases) {
    it(`is ${form} for ${who}`, () => {
      expect(preferredFormat(accept)).to.equal(form);
    });
  }
});

describe('GET /metrics', () => {
  let service: TestService;
  let onePng: Buffer;
  before(async () => {
    service = await startService();
    onePng = await one();
  });
  after(() => service.close());

  const json = async (): Promise<MetricsBody> =>
    metricsSchema.parse((await request(service.app).get('/metrics')).body);

  /** A request is recorded when its connection is done with the answer, which the client may see first. */
  const eventually = async <T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> => {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const value = await read();
      if (holds(value)) return value;
      await sleep(10);
    }
    return read();
  };

  const text = async (path = '/metrics/prometheus', accept = '*/*'): Promise<string> =>
    (await request(service.app).get(path).set('Accept', accept).buffer(true)).text;

  /** By its name and labels as they stand in the text. */
  const sample = async (name: string): Promise<number> => {
    const line = (await text()).split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? 0 : Number(line.slice(name.length + 1));
  };

  it('counts pictures, not requests, as predictions', async () => {
    const before = await json();
    await request(service.app)
      .post('/batch-predict')
      .attach('files', onePng, 'a')
      .attach('files', Buffer.from('no picture'), 'b')
      .attach('files', await zero(), 'c');
    await request(service.app).post('/predict').attach('wrong', onePng, 'a');
    await request(service.app).post('/infer').attach('file', onePng, 'a');
    const requests = before.service_metrics.total_requests + 3;
    const { service_metrics: after, model_metrics: model } = await eventually(
      json,
      ({ service_metrics }) => service_metrics.total_requests === requests,
    );
    expect(after.total_requests).to.equal(requests);
    expect(after.successful_predictions - before.service_metrics.successful_predictions).to.equal(3);
    expect(after.failed_predictions - before.service_metrics.failed_predictions).to.equal(2);
    expect(after.total_errors - before.service_metrics.total_errors).to.equal(1);
    expect(model?.predictions_by_digit?.['1']).to.be.at.least(2);
    expect(model?.predictions_by_digit).to.deep.equal(model?.predictions_by_class);
  });

  it('counts predictions of numbers by the standard protocols, however they end', async () => {
    const { service_metrics: before } = await json();
    const blank = Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => [0]));
    const served = await request(service.app)
      .post('/v1/models/digits:predict')
      .send({ instances: [blank, blank] });
    expect(served.status).to.equal(200);
    await request(service.app).post('/v2/models/digits/infer').send({ inputs: [] });
    const { service_metrics: after } = await eventually(
      json,
      ({ service_metrics }) => service_metrics.total_requests === before.total_requests + 2,
    );
    expect(after.total_requests - before.total_requests).to.equal(2);
    expect(after.successful_predictions - before.successful_predictions).to.equal(2);
    expect(after.failed_predictions - before.failed_predictions).to.equal(1);
  });

  it('does not count what is no request for a prediction', async () => {
    const before = await json();
    for (const path of ['/', '/health', '/nowhere', '/models']) await request(service.app).get(path);
    await sleep(30);
    expect((await json()).service_metrics.total_requests).to.equal(before.service_metrics.total_requests);
  });

  it('counts by endpoint and outcome, with labels that no client can choose', async () => {
    const success = 'api_requests_total{endpoint="predict",status="success"}';
    const error = 'api_requests_total{endpoint="predict",status="error"}';
    const [good, bad] = [await sample(success), await sample(error)];
    await request(service.app).post('/predict').attach('file', onePng, 'a');
    await request(service.app).post('/predict').attach('file', Buffer.from('x'), 'a');
    await request(service.app).get('/predict');
    await request(service.app).get('/secret-"path\n?token=abc');
    await eventually(
      () => sample(error),
      (value) => value === bad + 2,
    );
    expect(await sample(success)).to.equal(good + 1);
    expect(await sample(error)).to.equal(bad + 2);
    expect(await sample('api_refusals_total{code="unsupported_media"}')).to.be.above(0);
    expect(await text())
      .not.to.include('secret')
      .and.not.to.include('abc');
  });

  it('has every endpoint at 0 before its first request', async () => {
    expect(await text()).to.match(/^api_requests_total\{endpoint="classify_image",status="success"\} 0$/m);
  });

  it('has histograms of latency, stages and batch sizes', async () => {
    await request(service.app).post('/predict').attach('file', onePng, 'a');
    for (const name of [
      'api_request_latency_seconds_count{endpoint="predict"}',
      'model_stage_seconds_count{model="digits",version="v1",stage="decode"}',
      'model_stage_seconds_count{model="digits",version="v1",stage="queue"}',
      'model_stage_seconds_count{model="digits",version="v1",stage="inference"}',
      'model_cache_lookups_total{model="digits",version="v1",outcome="bypass"}',
      'model_batch_size_count{model="digits",version="v1"}',
      'model_predictions_total{model="digits",version="v1",class="1"}',
    ]) {
      expect(
        await eventually(
          () => sample(name),
          (value) => value > 0,
        ),
        name,
      ).to.be.above(0);
    }
  });

  it('has the state of the workers, the models and the process', async () => {
    expect(await sample('model_workers{model="digits",version="v1"}')).to.equal(2);
    expect(await sample('model_loaded{model="digits",version="v1"}')).to.equal(1);
    expect(await sample('process_resident_memory_bytes')).to.be.above(1e6);
    const whole = await text();
    for (const name of ['model_queue_depth', 'model_workers_busy', 'nodejs_eventloop_lag_p99_seconds']) {
      expect(whole).to.match(new RegExp(`^${name}(\\{.*\\})? [\\d.e+-]+$`, 'm'));
    }
  });

  it('counts every pause that collects young objects, and how long they were', async function () {
    needsOwnAddon(this);
    const all = (suffix: string): Promise<number> =>
      sample(`nodejs_gc_duration_seconds_${suffix}{kind="minor"}`);
    const before = [await all('count'), await all('sum')] as const;
    const seen: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (kindOf(entry) === constants.NODE_PERFORMANCE_GC_MINOR) seen.push(entry.duration / 1000);
      }
    });
    observer.observe({ entryTypes: ['gc'] });
    const started = performance.now();
    while (seen.length < 10) {
      // Several in one turn of the event loop.
      for (let more = 0; more < 20; more++) Array.from({ length: 100_000 }, (_, at) => ({ at }));
      await sleep(1);
    }
    observer.disconnect();
    const [count, sum] = [(await all('count')) - before[0], (await all('sum')) - before[1]];
    expect(count).to.be.at.least(seen.length);
    expect(sum).to.be.above(0.9 * seen.reduce((total, seconds) => total + seconds, 0));
    expect(sum).to.be.below((performance.now() - started) / 1000);
  });

  it('is OpenMetrics to Prometheus and text at /metrics/prometheus', async () => {
    const open = await request(service.app).get('/metrics').set('Accept', PROMETHEUS).buffer(true);
    expect(open.get('Content-Type')).to.match(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(open.text)
      .to.match(/# EOF\n$/)
      .and.include('# TYPE api_requests counter\n');
    const plain = await request(service.app).get('/metrics/prometheus').buffer(true);
    expect(plain.get('Content-Type')).to.match(/^text\/plain; version=0\.0\.4/);
    expect(plain.text).to.include('# TYPE api_requests_total counter\n').and.not.include('# EOF');
  });
});
