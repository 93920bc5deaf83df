// A worker thread that opens a session, runs it once, and waits without closing it.
import { parentPort, workerData } from 'node:worker_threads';
import { loadAddon } from '../../../src/native/addon.js';
import { NativeSession, type SessionInput } from '../../../src/native/session.js';

const { folder, input, values } = workerData as {
  folder: string;
  input: SessionInput;
  values: Float32Array;
};
const session = new NativeSession(loadAddon(), folder, input);
parentPort?.postMessage(session.run(values, 1));
setInterval(() => session.tensors, 60_000);
