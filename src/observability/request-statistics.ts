// What became of the requests, by endpoint and by the code of their refusal.
import type { RequestOutcome } from '../contracts/recorder.js';
import type { Family } from './family.js';
import { Histogram, SECONDS } from './histogram.js';

interface EndpointStatistics {
  success: number;
  error: number;
  readonly seconds: Histogram;
}

export class RequestStatistics {
  readonly #endpoints = new Map<string, EndpointStatistics>();
  readonly #refusals = new Map<string, number>();
  /** Requests for predictions. */
  requests = 0;
  failedRequests = 0;
  failedPictures = 0;

  of(endpoint: string): EndpointStatistics {
    const known = this.#endpoints.get(endpoint);
    if (known !== undefined) return known;
    const fresh = { success: 0, error: 0, seconds: new Histogram(SECONDS) };
    this.#endpoints.set(endpoint, fresh);
    return fresh;
  }

  record({ endpoint, predicts, failed, code, seconds, failedPictures }: RequestOutcome): void {
    const at = this.of(endpoint);
    at[failed ? 'error' : 'success'] += 1;
    at.seconds.observe(seconds);
    if (code !== undefined) this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
    if (!predicts) return;
    this.requests += 1;
    if (failed) this.failedRequests += 1;
    this.failedPictures += failedPictures ?? (failed ? 1 : 0);
  }

  families(): readonly Family[] {
    const endpoints = [...this.#endpoints];
    return [
      {
        name: 'api_requests',
        help: 'Requests by endpoint and outcome.',
        type: 'counter',
        samples: endpoints.flatMap(([endpoint, { success, error }]) => [
          { labels: { endpoint, status: 'success' }, value: success },
          { labels: { endpoint, status: 'error' }, value: error },
        ]),
      },
      {
        name: 'api_request_latency_seconds',
        help: 'From the head of a request to its answer.',
        type: 'histogram',
        samples: endpoints.flatMap(([endpoint, { seconds }]) => seconds.samples({ endpoint })),
      },
      {
        name: 'api_refusals',
        help: 'Refused requests by the code of the error; docs/errors.md lists them.',
        type: 'counter',
        samples: [...this.#refusals].map(([code, value]) => ({ labels: { code }, value })),
      },
    ];
  }
}
