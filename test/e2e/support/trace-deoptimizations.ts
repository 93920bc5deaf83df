// For node's --import: has V8 tell of compiled code that it throws away, and why.
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) setFlagsFromString('--trace-deopt');
