// One start for bench/starts.ts, as `h5serve serve` starts: load, predict once on every worker, leave. Exit code 0 when all
// of it went well.
import { childEnvironment } from '../src/config/user-environment.js';
import { loadConfig } from '../src/config/load.js';
import { linkTensorFlowAhead } from '../src/native/link-ahead.js';

const workers = process.argv[2] ?? '4';
const config = loadConfig(childEnvironment({ WORKERS: workers, LOG_DIR: 'none', LOG_LEVEL: 'error' }));
linkTensorFlowAhead(config.NUM_THREADS);
const { createService } = await import('../src/start.js');
const service = createService(config);
await service.loadModels();
const model = service.models.model();
const { height, width, channels } = model.info.input;
await Promise.all(
  Array.from({ length: 2 * Number(workers) }, () =>
    model.classify(new Uint8Array(height * width * channels), { deadline: performance.now() + 30_000 }),
  ),
);
await service.close();
