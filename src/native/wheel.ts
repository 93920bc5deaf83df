// Brings the TensorFlow wheel with pip, from wherever the user's own pip configuration points, and checks it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { childEnvironment } from '../config/user-environment.js';
import type { Progress } from '../contracts/progress.js';
import { AppError } from '../errors/app-error.js';
import { lastLines, runChild } from './child.js';
import type { WheelPin } from './wheel-pin.js';

const POLL_MS = 250;

export interface WheelOptions {
  readonly pin: WheelPin;
  readonly folder: string;
  readonly python: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The largest file: pip may keep a second copy for its own cache while it downloads. */
async function largestUnder(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files.map((file) =>
    // pip moves files while they are looked at.
    stat(path.join(file.parentPath, file.name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return Math.max(0, ...(await Promise.all(sizes)));
}

/** pip tells no program how far it is; the file that grows does. */
function watchGrowth(folder: string, progress: Progress): () => void {
  let seen = 0;
  let counting = false;
  const timer = setInterval(() => {
    if (counting) return;
    counting = true;
    void largestUnder(folder)
      .then((bytes) => {
        if (bytes > seen) progress.advance(bytes - seen);
        seen = Math.max(seen, bytes);
      })
      .catch(() => undefined)
      .finally(() => (counting = false));
  }, POLL_MS);
  return () => clearInterval(timer);
}

/** Returns the wheel's path; its bytes are those that the pin names. */
export async function fetchWheel({ pin, folder, python, progress, signal }: WheelOptions): Promise<string> {
  const temporary = path.join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  progress.step(`Downloading TensorFlow ${pin.version}`, pin.bytes, 'bytes');
  const stopWatching = watchGrowth(folder, progress);
  const pip = await runChild(
    python,
    [
      ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'],
      ...['--no-input', '--progress-bar', 'off', '--python-version', pin.python],
      ...['--platform', pin.platform, '--implementation', 'cp', '--dest', folder],
      `tensorflow-cpu==${pin.version}`,
    ],
    // TMPDIR: what an interrupted pip leaves behind goes with our folder, and its last move is a rename.
    { signal, env: childEnvironment({ TMPDIR: temporary }) },
  ).finally(stopWatching);
  if (!pip.ok) {
    throw new AppError(
      'native_setup_failed',
      `pip could not download tensorflow-cpu ${pin.version} (${pip.outcome}):\n${lastLines(pip.output)}`,
      {
        remedy: `Check the network, the proxy and \`${python} -m pip config list\`; then run \`npx h5serve setup\` again.`,
      },
    );
  }
  progress.done();
  const wheel = path.join(folder, pin.file);
  await verifyWheel(wheel, pin, progress, signal);
  return wheel;
}

export async function verifyWheel(
  wheel: string,
  pin: WheelPin,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress.step('Checking its SHA-256', pin.bytes, 'bytes');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(wheel, { signal, highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    progress.advance((chunk as Buffer).length);
  }
  const found = hash.digest('hex');
  if (found !== pin.sha256) {
    throw new AppError(
      'native_setup_failed',
      `The downloaded ${pin.file} is not the file expected: SHA-256 ${pin.sha256} expected, ${found} found.`,
      {
        remedy:
          'The package index or a proxy served another file: clear pip’s cache (`python3 -m pip cache purge`), ' +
          'check the index that pip uses, then run `npx h5serve setup` again.',
      },
    );
  }
  progress.done();
}
