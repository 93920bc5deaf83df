#!/usr/bin/env -S node --expose-gc --single-threaded-gc --max-semi-space-size=2 --heap-growing-percent=100 --no-memory-reducer
// The `h5serve` command: compiles when needed, then hands over to src/cli.ts. Run it as a program, not by `node`: V8 takes
// the flags above at its start only. Every processor has a worker that computes: helper threads that share a pause for
// garbage would wait for their turn, and the main thread for them. Next to nothing outlives a request, so that pauses get
// shorter with the space for young objects; the old heap, a few pictures that wait beside what was loaded, may double before
// it is marked: under overload that was done three times a second. A pause in the traffic is no reason to give memory back:
// V8 then drops code that it has optimised, and the next requests wait for it again. And young objects of a lone client are
// collected while its picture is computed (inference/batcher.ts, docs/adr/0008).
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { ensureBuilt } from './build.mjs';

ensureBuilt('main');
// From Node 22.1 on: compiled code is kept between starts, that of threads too, which look into the environment. Where it
// cannot be written, it is not.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../dist/bundle/.compiled', import.meta.url));
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
// The WebAssembly here is the HDF5 library: trusted, and few of its functions run for long enough to optimise (docs/adr/0010).
setFlagsFromString('--wasm-lazy-validation');
setFlagsFromString('--wasm-tiering-budget=100000000');
await import('../dist/bundle/cli.js');
