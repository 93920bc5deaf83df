// For node's --import: has V8 tell of each collection of garbage.
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) setFlagsFromString('--trace-gc-nvp');
