// Run as a program of its own, `node addon-probe.js <addon>`: loads the addon, passes one tensor through it and
// prints the TensorFlow version. In a child process, because a library that does not fit may end the process.
import { describeError, toAppError } from '../errors/app-error.js';
import { loadAddon } from './addon.js';

try {
  const addon = loadAddon(process.argv[2]);
  // Floats: the addon takes bytes but does not give them back.
  const sent = Float32Array.of(7, 42);
  const tensor = addon.createTensor([sent.length], addon.TF_FLOAT, sent);
  const received = addon.tensorDataSync(tensor);
  addon.deleteTensor(tensor);
  if (received.join() !== sent.join()) throw new Error(`A tensor came back as ${received.join()}.`);
  console.log(JSON.stringify({ tensorflow: addon.TF_Version }));
} catch (error) {
  console.error(describeError(toAppError(error, 'native_missing')));
  process.exitCode = 1;
}
