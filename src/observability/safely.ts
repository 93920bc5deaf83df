// Watching must not break serving: what a recorder throws ends here.
import type { Logger } from '../contracts/logger.js';
import type { Recorder } from '../contracts/recorder.js';

export function safely(logger: Logger, recorder: Recorder): Recorder {
  let told = false;
  const guard =
    <Args extends readonly unknown[]>(record: (...args: Args) => void) =>
    (...args: Args): void => {
      try {
        record(...args);
      } catch (error) {
        // Once: it would be told of with every request.
        if (!told) logger.error('Metrics cannot be recorded', { cause: error });
        told = true;
      }
    };
  return {
    endpoint: guard((name) => recorder.endpoint(name)),
    request: guard((outcome) => recorder.request(outcome)),
    predicted: guard((model, outcome) => recorder.predicted(model, outcome)),
    batch: guard((model, size) => recorder.batch(model, size)),
  };
}
