// sharp, once it is needed. Loading it links libvips, a tenth of a second that a start has better use for: while models
// are converted and warmed up the main thread has nothing to do.
import { createRequire } from 'node:module';
import type Sharp from 'sharp';

let loaded: typeof Sharp | undefined;

export function sharp(): typeof Sharp {
  return (loaded ??= setUp(createRequire(import.meta.url)('sharp') as typeof Sharp));
}

function setUp(library: typeof Sharp): typeof Sharp {
  // Requests give the parallelism; a thread pool per picture and a cache of pictures seen once only cost memory.
  library.concurrency(1);
  library.cache(false);
  return library;
}
