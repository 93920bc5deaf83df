// One model of MODELS_DIR, loaded as the service loads it, without HTTP; and the folder that its graph lies in.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../src/config/load.js';
import { machine } from '../src/config/machine.js';
import { bestPrecision } from '../src/config/onednn.js';
import { childEnvironment } from '../src/config/user-environment.js';
import { ensureConverted } from '../src/convert/cache.js';
import { loadModel } from '../src/inference/load-model.js';
import type { RunningModel } from '../src/inference/served-model.js';
import { listModels } from '../src/models/repository.js';
import { loadAddon } from '../src/native/addon.js';
import { sharedWeights } from '../src/native/own-addon.js';
import { settleTensorFlow } from '../src/native/settle-tensorflow.js';

export interface BenchModel {
  readonly model: RunningModel;
  readonly folder: string;
  readonly workers: number;
}

export async function loadForBench(name: string): Promise<BenchModel> {
  const { MODELS_DIR: modelsDir, WORKERS: workers = availableParallelism() } = loadConfig(
    childEnvironment({}),
  );
  const { oneDnn } = settleTensorFlow();
  const source = (await listModels(modelsDir)).findLast((candidate) => candidate.name === name);
  if (source === undefined) throw new Error(`there is no model "${name}" in ${modelsDir}`);
  let folder = '';
  const { model } = await loadModel(source, {
    cacheDir: path.resolve(modelsDir, '.cache', source.name, source.version),
    workers,
    maxQueue: 4096,
    spareCore: machine().cores > 1,
    maxParameters: 1e9,
    precision: bestPrecision(oneDnn),
    loadEngine: () => void loadAddon(),
    async convert(request) {
      const converted = await ensureConverted({ ...request, weights: sharedWeights() });
      folder = converted.savedModelDir;
      return converted;
    },
  });
  return { model, folder, workers };
}
