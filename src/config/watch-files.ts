// Files that settings name and that are replaced while the server runs: certificates, keys.
import { unwatchFile, watchFile } from 'node:fs';

/** By polling: what Kubernetes mounts changes by a symbolic link, which file events miss. */
const POLL_MS = 2_000;

/** Calls back after each change of one of the files, until the returned function is called. */
export function watchFiles(files: readonly string[], onChange: () => void, pollMs = POLL_MS): () => void {
  for (const file of files) watchFile(file, { interval: pollMs, persistent: false }, onChange);
  return () => {
    for (const file of files) unwatchFile(file, onChange);
  };
}
