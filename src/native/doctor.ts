// `h5serve doctor`: what is installed, what the machine grants, what is missing and how to get it.
import { convertedModelsFolder } from '../config/converted-models.js';
import type { Config } from '../config/schema.js';
import { readMachine } from '../config/machine.js';
import { settleOneDnn } from '../config/onednn.js';
import { userEnvironment, type UserEnvironment } from '../config/user-environment.js';
import { AppError } from '../errors/app-error.js';
import { examineDecoders, examineNode, examineTensorFlow, examineTools } from './doctor/engine.js';
import { missing, ok, type Finding } from './doctor/finding.js';
import { examineCache, examineDisk, examineFolder, examineModels } from './doctor/folders.js';
import {
  examineAllocator,
  examineCpuCaches,
  examineCores,
  examineCpu,
  examineMemory,
  examinePrecision,
} from './doctor/surroundings.js';
import { cachesHere } from './own-addon.js';

export interface ExamineOptions {
  /** `engines.node` of package.json. */
  readonly nodeRange: string;
  /** The settings, or the fault that loading them ended in. */
  readonly config: Config | AppError;
  readonly user?: UserEnvironment;
}

/** A check that fails must not hide the others. */
async function guarded(name: string, check: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return error instanceof AppError
      ? missing(name, error.detail, error.remedy)
      : missing(
          name,
          error instanceof Error ? error.message : String(error),
          'Correct what it says and try again.',
        );
  }
}

function examineSettings(config: Config | AppError): Finding[] {
  if (config instanceof AppError) return [missing('Settings', config.detail, config.remedy)];
  return [
    ok('Settings', 'valid'),
    examineModels(config),
    examineFolder('Converted models', convertedModelsFolder(config), 'CACHE_DIR'),
    config.LOG_DIR === 'none'
      ? ok('Log files', 'none')
      : examineFolder('Log files', config.LOG_DIR, 'LOG_DIR'),
  ];
}

export async function examine({
  nodeRange,
  config,
  user = userEnvironment(),
}: ExamineOptions): Promise<Finding[]> {
  const tensorflow = await guarded('TensorFlow', examineTensorFlow);
  const needed = tensorflow.state === 'missing';
  const machine = readMachine();
  const caches = cachesHere();
  const oneDnn = settleOneDnn(caches);
  return [
    await guarded('Node.js', () => examineNode(nodeRange)),
    tensorflow,
    ...(await examineTools(user, needed)),
    await guarded('TensorFlow cache', () => examineCache(user.cacheDir, needed)),
    await guarded('Free disk', () => examineDisk(user.cacheDir, needed)),
    await guarded('Image decoders', examineDecoders),
    examineCpu(machine),
    examineCpuCaches(caches, oneDnn),
    examinePrecision(machine, oneDnn),
    examineCores(machine),
    examineMemory(machine),
    examineAllocator(user.mallocArenas),
    ...examineSettings(config),
  ];
}

/** Whether h5serve can serve here. */
export const isHealthy = (findings: readonly Finding[]): boolean =>
  findings.every(({ state }) => state !== 'missing');
