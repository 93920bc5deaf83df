// Where converted models are kept, as the settings say it.
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Config } from './schema.js';
import { userEnvironment } from './user-environment.js';

export function convertedModelsFolder({ CACHE_DIR, MODEL_PATH, MODELS_DIR }: Config): string {
  if (CACHE_DIR !== undefined) return path.resolve(CACHE_DIR);
  if (MODEL_PATH === undefined) return path.resolve(MODELS_DIR, '.cache');
  // A folder of downloads is no place for a cache; models of the same name in other folders have their own.
  const place = createHash('sha256')
    .update(path.dirname(path.resolve(MODEL_PATH)))
    .digest('hex');
  return path.join(userEnvironment().cacheDir, 'models', place.slice(0, 12));
}
