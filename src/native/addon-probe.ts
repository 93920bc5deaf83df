// Run as a program of its own, `node addon-probe.js <addon>`: loads the addon, passes one tensor through it, has our own
// beside it decode a picture, inflate a row and hold a folder, and prints the TensorFlow version. In a child process, because a library
// that does not fit may end the process.
import { deflateSync } from 'node:zlib';
import { describeError, toAppError } from '../errors/app-error.js';
import { addonPath, loadAddon, type Addon } from './addon.js';
import { correctCaches, hasOwnAddon, loadOwnAddon } from './own-addon.js';

/** 8 x 8 pixels, all of them 200. */
const JPEG =
  '/9j/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wAALCAAIAAgBAREA' +
  '/8QAFAABAAAAAAAAAAAAAAAAAAAACv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8ASA//2Q==';

function proveTensors(addon: Addon): void {
  // Floats: the addon takes bytes but does not give them back.
  const sent = Float32Array.of(7, 42);
  const tensor = addon.createTensor([sent.length], addon.TF_FLOAT, sent);
  const received = addon.tensorDataSync(tensor);
  addon.deleteTensor(tensor);
  if (received.join() !== sent.join()) throw new Error(`A tensor came back as ${received.join()}.`);
}

async function proveOwn(file: string): Promise<void> {
  // Also where no cache is hidden: what is built here may serve elsewhere.
  correctCaches(file);
  // The mean of all columns and of all rows.
  const mean = Int32Array.of(1, 8, 0, 8, ...Array.from({ length: 8 }, () => 2 ** 19));
  const pixel = new Uint8Array(1);
  const bytes = Buffer.from(JPEG, 'base64');
  const own = loadOwnAddon(file);
  const decoded = await own.shrinkJpeg(bytes, Int32Array.of(8, 8, 1), mean, mean, pixel);
  if (!decoded || pixel[0] !== 200) throw new Error(`A picture came back as ${pixel.join()}.`);
  const row = new Uint8Array(1);
  const inflated = own.inflateRows(deflateSync(Buffer.of(42)), row);
  if (inflated !== undefined && row[0] !== 42) throw new Error(`A row came back as ${row.join()}.`);
  // Throws where TensorFlow does not take its file system.
  own.holdFiles('/h5serve');
  own.letGoOfFiles('/h5serve');
  // V8's functions are those of this Node.
  const cells = (): Float64Array => new Float64Array(2);
  own.watchPauses(new Float64Array(0), cells(), cells(), cells(), cells());
  own.yieldProcessor();
  if (own.duplicate(2) < 3) throw new Error('No descriptor could be duplicated.');
}

try {
  const file = process.argv[2] ?? addonPath();
  const addon = loadAddon(file);
  proveTensors(addon);
  if (hasOwnAddon(file)) await proveOwn(file);
  console.log(JSON.stringify({ tensorflow: addon.TF_Version }));
} catch (error) {
  console.error(describeError(toAppError(error, 'native_missing')));
  process.exitCode = 1;
}
