// A checkpoint's own output for one input, by the serving engine.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { applyThreadSettings } from '../../src/config/thread-settings.js';
import { convertCheckpoint } from '../../src/convert/convert.js';
import { loadAddon } from '../../src/native/addon.js';
import { NativeSession } from '../../src/native/session.js';

export interface GivenCheckpoint {
  readonly content: Buffer;
  readonly architecture?: unknown;
}

/** For inputs that are all the same numbers: sines, which no symmetry of a kernel leaves alone. */
export async function nativeOutput({ content, architecture }: GivenCheckpoint): Promise<Float32Array> {
  applyThreadSettings({ threadsPerWorker: 1 });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-run-'));
  try {
    const checkpoint = path.join(folder, 'model.h5');
    await writeFile(checkpoint, content);
    if (architecture !== undefined)
      await writeFile(path.join(folder, 'model.json'), JSON.stringify(architecture));
    const { inputShape } = await convertCheckpoint({
      checkpoint,
      write: { folder: path.join(folder, 'out'), weights: 'inside' },
      precision: 'float32',
      maxParameters: 1e7,
      head: { kind: 'raw', size: [] },
    });
    const shape = inputShape.slice(1).map(Number);
    const session = new NativeSession(loadAddon(), path.join(folder, 'out'), { dtype: 'float32', shape });
    try {
      const length = shape.reduce((product, size) => product * size, 1);
      return session.run(
        Float32Array.from({ length }, (_, at) => Math.sin(at * 1.7)),
        1,
      );
    } finally {
      session.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
