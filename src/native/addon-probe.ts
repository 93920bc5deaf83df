// Run as a program of its own, `node addon-probe.js <addon>`: loads the addon, passes one tensor through it and
// prints the TensorFlow version. In a child process, because a library that does not fit may end the process.
import { existsSync } from 'node:fs';
import { describeError, toAppError } from '../errors/app-error.js';
import { addonPath, loadAddon } from './addon.js';
import { correctCaches, correctorBeside } from './hidden-caches.js';

try {
  const file = process.argv[2] ?? addonPath();
  const addon = loadAddon(file);
  // Floats: the addon takes bytes but does not give them back.
  const sent = Float32Array.of(7, 42);
  const tensor = addon.createTensor([sent.length], addon.TF_FLOAT, sent);
  const received = addon.tensorDataSync(tensor);
  addon.deleteTensor(tensor);
  if (received.join() !== sent.join()) throw new Error(`A tensor came back as ${received.join()}.`);
  // Also where no cache is hidden: what is built here may serve elsewhere.
  if (existsSync(correctorBeside(file))) correctCaches(file);
  console.log(JSON.stringify({ tensorflow: addon.TF_Version }));
} catch (error) {
  console.error(describeError(toAppError(error, 'native_missing')));
  process.exitCode = 1;
}
