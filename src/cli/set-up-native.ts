// The set-up step of commands that need TensorFlow: milliseconds when it is done already.
import { ensureNative } from '../native/setup.js';
import { terminalProgress } from '../observability/terminal-progress.js';

export async function setUpNative(): Promise<void> {
  const progress = terminalProgress();
  try {
    await ensureNative({ progress });
  } finally {
    progress.close();
  }
}
