// Holds a checkpoint in two sessions, as two workers do, and prints by how many bytes of its own the process grew.
//   node hold-sessions.js CHECKPOINT FOLDER
import { readFileSync } from 'node:fs';
import { applyThreadSettings } from '../../../src/config/thread-settings.js';
import { convertCheckpoint } from '../../../src/convert/convert.js';
import { loadAddon } from '../../../src/native/addon.js';
import { NativeSession } from '../../../src/native/session.js';

const [checkpoint = '', folder = ''] = process.argv.slice(2);
/** Without what is mapped from files, which processes share. */
const ownBytes = (): number =>
  1024 * Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

applyThreadSettings({ threadsPerWorker: 1 });
const { inputShape } = await convertCheckpoint({
  checkpoint,
  write: { folder, weights: 'held' },
  precision: 'float32',
  maxParameters: 1e8,
  head: { kind: 'raw', size: [] },
});
const shape = inputShape.slice(1).map(Number);
const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
const addon = loadAddon();
const before = ownBytes();
const sessions = [1, 2].map(() => new NativeSession(addon, folder, { dtype: 'float32', shape }));
for (const session of sessions) for (let run = 0; run < 3; run++) session.run(values, 1);
console.log(ownBytes() - before);
