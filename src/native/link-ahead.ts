// Linking TensorFlow's library takes half a second of a start. A thread does it, while the main thread loads the code of
// the service. The addon, which is loaded later and by the main thread first, finds the library in the process.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { settleTensorFlow } from './settle-tensorflow.js';
import { tfjsPackage } from './tfjs-package.js';

/** As the wheel names it. Where tfjs-node's own installer brought another, there is nothing to open. */
const LIBRARY = 'libtensorflow_cc.so.2';

/** Node opens the library, finds no addon in it and closes it again; RTLD_NODELETE keeps it in the process. */
const LINK = `
  const { constants } = require('node:os');
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, require('node:worker_threads').workerData, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
  } catch {}
`;

/**
 * Nothing may change the environment while the thread reads it. Where linking does not work out, the addon links the library
 * as it is loaded, and says what is wrong.
 */
export function linkTensorFlowAhead(threadsPerWorker?: number): void {
  settleTensorFlow(threadsPerWorker);
  if (process.platform !== 'linux') return;
  const thread = new Worker(LINK, {
    eval: true,
    // Flags of the process may mean other code than this.
    execArgv: [],
    workerData: path.join(tfjsPackage().libraryFolder, LIBRARY),
  });
  thread.on('error', () => undefined).unref();
}
